// What programs that embed koncli may use: the command as a function.
export type { Invocation } from './invocation.ts';
export { runKoncli } from './koncli.ts';
export type { OutputStream } from './output-stream.ts';
export { VERSION } from './version.ts';
