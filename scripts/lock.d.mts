export interface LockOptions {
  readonly onWait?: (pid: number) => void;
  readonly signal?: AbortSignal | undefined;
}
export function withLock<T>(path: string, options: LockOptions, action: () => Promise<T>): Promise<T>;
