// What the demo prints: numbered steps, the commands that it runs, and their output.

export interface Narrator {
  step(title: string): void;
  /** One line under the present step. */
  say(line: string): void;
  /** A command as a user would type it, and its output. */
  command(line: string, output?: string): void;
}

export function createNarrator(write: (text: string) => void, steps: number): Narrator {
  let number = 0;
  return {
    step(title) {
      number += 1;
      write(`\n[${number}/${steps}] ${title}\n`);
    },
    say(line) {
      write(`      ${line}\n`);
    },
    command(line, output = '') {
      write(`    $ ${line}\n`);
      for (const outputLine of output.trimEnd().split('\n')) if (outputLine) write(`      ${outputLine}\n`);
    },
  };
}
