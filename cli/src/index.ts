// What programs that embed koncli may use: the command as a function.
export type { Invocation, OutputStream } from './invocation.ts';
export { runKoncli } from './koncli.ts';
export { VERSION } from './version.ts';
