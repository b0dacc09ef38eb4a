// vitest's global set-up: refuses to test on a Node other than the one that the project ships on.

const REQUIRED = 24;

export function setup(): void {
  requireNode(process.versions.node);
}

export function requireNode(version: string): void {
  if (Number.parseInt(version, 10) === REQUIRED) return;
  throw new Error(
    `The tests run on Node ${REQUIRED}, and this is Node ${version}: use "npm test", or put node_modules/.bin first in PATH`,
  );
}
