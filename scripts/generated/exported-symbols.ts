// What a package exports, as the TypeScript compiler sees it: names, signatures, docstrings.
import { dirname, join } from 'node:path';
import ts from 'typescript';

/** A field of props, or a property of a class. */
export interface Property {
  readonly name: string;
  readonly type: string;
  readonly isOptional: boolean;
  readonly about: string;
}

/** Something that can be called; `name` is what follows `new` for a constructor. */
export interface Callable {
  readonly name: string;
  /** With types, as `addWorkers(workload: Workload, options?: WorkerOptions): void`. */
  readonly signature: string;
  readonly about: string;
}

/** One export. */
export interface ExportedSymbol {
  readonly kind: 'class' | 'interface' | 'function' | 'type' | 'constant';
  readonly name: string;
  readonly about: string;
  /** What it is, in code; empty for props, whose fields say it. */
  readonly signature: string;
  readonly properties: readonly Property[];
  readonly methods: readonly Callable[];
}

const KINDS = ['class', 'function', 'interface', 'type', 'constant'] as const;
const FORMAT = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseSingleQuotesForStringLiteralType;

/** Reads the exports of a workspace, classes first and each kind by name. Throws when one has no docstring. */
export function exportedSymbols(entry: string): ExportedSymbol[] {
  const program = createProgram(entry);
  const reader = new SymbolReader(program.getTypeChecker(), dirname(entry));
  const source = program.getSourceFile(entry);
  const symbols = source ? reader.exportsOf(source) : [];
  const rank = ({ kind, name }: ExportedSymbol) => `${KINDS.indexOf(kind)} ${name}`;
  return symbols.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

function createProgram(entry: string): ts.Program {
  const config = join(dirname(entry), '../../tsconfig.json');
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(config, ts.sys.readFile).config,
    ts.sys,
    dirname(config),
  );
  return ts.createProgram([entry], { ...options, noEmit: true });
}

class SymbolReader {
  readonly #checker: ts.TypeChecker;
  readonly #folder: string;

  constructor(checker: ts.TypeChecker, folder: string) {
    this.#checker = checker;
    this.#folder = folder;
  }

  exportsOf(source: ts.SourceFile): ExportedSymbol[] {
    const module = this.#checker.getSymbolAtLocation(source);
    return module ? this.#checker.getExportsOfModule(module).map((symbol) => this.#read(symbol)) : [];
  }

  #read(exported: ts.Symbol): ExportedSymbol {
    const isAlias = (exported.flags & ts.SymbolFlags.Alias) !== 0;
    const symbol = isAlias ? this.#checker.getAliasedSymbol(exported) : exported;
    const [declaration] = symbol.declarations ?? [];
    if (!declaration) throw new Error(`${symbol.name} is declared nowhere`);
    const about = this.#about(symbol, symbol.name);
    const shared = { name: symbol.name, about, properties: [], methods: [] };
    if (ts.isClassDeclaration(declaration)) return { ...shared, ...this.#readClass(symbol, declaration) };
    if (ts.isInterfaceDeclaration(declaration))
      return {
        ...shared,
        ...{ kind: 'interface', signature: '' },
        properties: this.#properties(this.#checker.getDeclaredTypeOfSymbol(symbol), symbol.name),
      };
    if (ts.isTypeAliasDeclaration(declaration))
      return { ...shared, kind: 'type', signature: `type ${symbol.name} = ${declaration.type.getText()}` };
    const type = this.#checker.getTypeOfSymbol(symbol);
    const [call] = type.getCallSignatures();
    const text = call ? this.#signature(symbol.name, call) : `${symbol.name}: ${this.#text(type)}`;
    return { ...shared, kind: call ? 'function' : 'constant', signature: text };
  }

  #readClass(symbol: ts.Symbol, declaration: ts.ClassDeclaration) {
    const instance = this.#checker.getDeclaredTypeOfSymbol(symbol);
    const type = this.#checker.getTypeOfSymbol(symbol);
    const isAbstract = (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Abstract) !== 0;
    const constructors = isAbstract ? [] : type.getConstructSignatures();
    const created = constructors.map((one) => `new ${symbol.name}(${this.#parameters(one)})`);
    const statics = this.#methods(type, `${symbol.name}.`, symbol.name);
    return {
      ...{ kind: 'class' as const, signature: [heritage(declaration), ...created].join('\n') },
      properties: this.#properties(instance, symbol.name),
      methods: [...statics, ...this.#methods(instance, '', symbol.name)],
    };
  }

  #properties(type: ts.Type, owner: string): Property[] {
    return this.#members(type)
      .filter((member) => this.#checker.getTypeOfSymbol(member).getCallSignatures().length === 0)
      .map((member) => ({
        name: member.name,
        type: this.#text(this.#checker.getNonNullableType(this.#checker.getTypeOfSymbol(member))),
        isOptional: (member.flags & ts.SymbolFlags.Optional) !== 0,
        about: this.#about(member, `${owner}.${member.name}`),
      }));
  }

  #methods(type: ts.Type, prefix: string, owner: string): Callable[] {
    return this.#members(type).flatMap((member) => {
      const [call] = this.#checker.getTypeOfSymbol(member).getCallSignatures();
      const about = this.#about(member, `${owner}.${member.name}`);
      return call ? [{ name: member.name, signature: this.#signature(prefix + member.name, call), about }] : [];
    });
  }

  /** The public ones that are declared in this package; what a class inherits is said of the class that it extends. */
  #members(type: ts.Type): ts.Symbol[] {
    const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected | ts.ModifierFlags.Override;
    return this.#checker.getPropertiesOfType(type).filter((member) => {
      const [declaration] = member.declarations ?? [];
      if (!declaration?.getSourceFile().fileName.startsWith(this.#folder)) return false;
      const name = ts.getNameOfDeclaration(declaration);
      if (ts.isClassDeclaration(declaration) || (name && ts.isPrivateIdentifier(name))) return false;
      const isInherited = ts.isClassDeclaration(declaration.parent) && !this.#isOf(type, declaration.parent);
      return !isInherited && (ts.getCombinedModifierFlags(declaration) & hidden) === 0;
    });
  }

  #isOf(type: ts.Type, { name }: ts.ClassDeclaration): boolean {
    return name !== undefined && this.#checker.getSymbolAtLocation(name) === type.symbol;
  }

  #signature(name: string, signature: ts.Signature): string {
    return `${name}(${this.#parameters(signature)}): ${this.#text(signature.getReturnType())}`;
  }

  #parameters(signature: ts.Signature): string {
    return signature.parameters.map((parameter) => this.#parameter(parameter)).join(', ');
  }

  #parameter(parameter: ts.Symbol): string {
    const declaration = parameter.valueDeclaration as ts.ParameterDeclaration;
    const isOptional = this.#checker.isOptionalParameter(declaration);
    const type = this.#text(this.#checker.getNonNullableType(this.#checker.getTypeOfSymbol(parameter)));
    // A parameter that is taken apart has no name of its own.
    const name = ts.isIdentifier(declaration.name) ? parameter.name : 'props';
    return `${name}${isOptional ? '?' : ''}: ${type}`;
  }

  #text(type: ts.Type): string {
    return this.#checker.typeToString(type, undefined, FORMAT);
  }

  #about(symbol: ts.Symbol, name: string): string {
    const about = ts.displayPartsToString(symbol.getDocumentationComment(this.#checker)).trim();
    if (about === '') throw new Error(`${name} is exported and has no docstring: write one`);
    return about;
  }
}

/** `class WaitGroup extends WaitGroupReference`. */
function heritage({ modifiers, name, heritageClauses }: ts.ClassDeclaration): string {
  const isShown = ({ kind }: ts.Node) => kind === ts.SyntaxKind.AbstractKeyword;
  const parts = [...(modifiers?.filter(isShown) ?? []).map((part) => part.getText()), 'class', name?.text];
  return [...parts, ...(heritageClauses ?? []).map((clause) => clause.getText())].join(' ');
}
