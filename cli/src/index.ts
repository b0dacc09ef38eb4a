// What programs that embed koncli may use: the command as a function.
export type { Invocation } from './arguments/invocation.ts';
export { runKoncli } from './koncli.ts';
export type { OutputStream } from './process/output-stream.ts';
export { VERSION } from './version.ts';
