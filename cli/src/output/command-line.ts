// Command lines in advice. Whatever they contain, they are safe to paste into a shell.

/** A WaitGroup by namespace and name. */
interface Reference {
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** A command line with quoted values: shell`kubectl get pods -n ${namespace}`. */
export function shell(literals: TemplateStringsArray, ...values: readonly string[]): string {
  return String.raw({ raw: literals }, ...values.map(quote));
}

/** A command on a WaitGroup, with its namespace. */
export function commandOn(command: string, { namespace = '', name }: Reference, flags = ''): string {
  return command + shell` ${name}` + flags + shell` -n ${namespace}`;
}

/** The name of the program with the flags that name the cluster: without them, a command would be for another one. */
export function withCluster(program: string, { kubeconfig, context }: Partial<Record<string, string>>): string {
  return (
    program + (kubeconfig ? shell` --kubeconfig ${kubeconfig}` : '') + (context ? shell` --context ${context}` : '')
  );
}

function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
