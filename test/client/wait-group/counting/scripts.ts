// What a test plans for the requests of a scripted group, as values for the rows of a table.
import {
  type Fault,
  fail,
  firstDo,
  landThen,
  pass,
  type RequestKind,
  rejection,
  type ScriptedGroup,
} from './scripted-group.ts';

export type Script = (group: ScriptedGroup) => void;

const on =
  (kind: RequestKind) =>
  (...faults: Fault[]): Script =>
  (group) =>
    group.plan(kind, ...faults);
export const onGet = on('GET');
export const onPut = on('PUT');
export const onWatch = on('WATCH');
export const onList = on('LIST');

export function all(...scripts: Script[]): Script {
  return (group) => {
    for (const script of scripts) script(group);
  };
}

/** Others do this before the write. */
export function beforeIt(work: Script, fault: Fault = pass): Script {
  return (group) => onPut(firstDo(() => work(group), fault))(group);
}

/** Others do this after the write took effect, whose response is then this error. */
export function afterIt(work: Script, error: Error): Script {
  return (group) => onPut(landThen(error, () => work(group)))(group);
}

export const churn =
  (changes: number): Script =>
  (group) =>
    group.churn(changes);
export const change =
  (delta: number): Script =>
  (group) =>
    group.change(delta);
export const recreate: Script = (group) => group.recreate(7);
export const remove: Script = (group) => group.delete();
export const markForDeletion: Script = (group) => group.markForDeletion();

/** The response is this rejection. */
export const reject = (code: number, retryAfterSeconds?: number) => fail(rejection(code, retryAfterSeconds));
