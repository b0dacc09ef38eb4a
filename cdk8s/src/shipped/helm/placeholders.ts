// Prints objects as templates: placeholders stand for values, and are replaced by expressions of Helm.
import { Yaml } from 'cdk8s';

/** Makes the text in the place of a line `lead field: placeholder`, or `lead placeholder` in a list. */
type Fragment = (lead: string, field: string) => string;

const LINE = /^( *(?:- )?)(?:([^:\n]+): )?konductor-placeholder-(\d+)$/gm;
const block = (condition: string, text: string) => `{{- ${condition} }}\n${text}\n{{- end }}`;

/** The placeholders of one template. */
export class Placeholders {
  readonly #fragments: Fragment[] = [];

  /** The field with this text as its value. */
  text(text: string): string {
    return this.#hold((lead, field) => `${lead}${field}: ${text}`);
  }

  /** The field with the value of an expression, which is a scalar. */
  value(expression: string): string {
    return this.text(`{{ ${expression} }}`);
  }

  /** The field with the value of an expression that results in YAML. */
  yaml(expression: string): string {
    return this.#hold((lead, field) => `${lead}${field}: {{- ${expression} | nindent ${lead.length + 2} }}`);
  }

  /** The same, if there is a result. */
  optionalYaml(expression: string): string {
    return this.#hold((lead, field) =>
      block(`with ${expression}`, `${lead}${field}: {{- . | nindent ${lead.length + 2} }}`),
    );
  }

  /** The field with the content of a value, unless the value is empty or missing. */
  optional(value: string): string {
    return this.#hold((lead, field) =>
      block(`with ${value}`, `${lead}${field}: {{- toYaml . | nindent ${lead.length + 2} }}`),
    );
  }

  /** The field with this text as its value, if the condition is true. */
  when(condition: string, text: string): string {
    return this.#hold((lead, field) => block(`if ${condition}`, `${lead}${field}: ${text}`));
  }

  /** An item of a list, with `.` for the value, unless the value is empty or missing. */
  item(value: string, text: string): string {
    return this.#hold((lead) => block(`with ${value}`, `${lead}${text}`));
  }

  /** The items of a value, which is a list, within another list. */
  items(value: string): string {
    return this.#hold((lead) => block(`with ${value}`, `{{- toYaml . | nindent ${lead.length - 2} }}`));
  }

  #hold(fragment: Fragment): string {
    return `konductor-placeholder-${this.#fragments.push(fragment) - 1}`;
  }

  /** The objects as YAML with the expressions; Helm interprets nothing else of them. */
  print(objects: readonly unknown[]): string {
    const text = Yaml.stringify(...objects).replaceAll('{{', '{{ "{{" }}');
    return text.replace(LINE, (_, lead: string, field: string, index: string) =>
      (this.#fragments[Number(index)] as Fragment)(lead, field),
    );
  }
}
