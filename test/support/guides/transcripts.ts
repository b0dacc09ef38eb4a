// The console blocks of a guide: the text after "$ " is typed into a shell, and the rest is the expected output.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { root } from '../../../scripts/root.ts';
import type { ControlPlaneAccess } from '../../control-plane/index.ts';
import { koncliPath } from '../processes/executables.ts';
import { shortLivedGo } from '../processes/short-lived-go.ts';

const HEADING_OR_BLOCK = /^#+ (?<title>[^\n]+)$|^```(?<language>\w*)\n(?<code>.*?)^```/gms;

/** The sections with console blocks in the order of the guide, `name` being its file's without the ending. */
export function transcriptsOf(name: string): { title: string; blocks: string[] }[] {
  const guide = readFileSync(join(root, `docs/guides/${name}.md`), 'utf8');
  const sections: { title: string; blocks: string[] }[] = [];
  // A block is found as a whole, so that a comment in it is no heading.
  for (const { groups = {} } of guide.matchAll(HEADING_OR_BLOCK)) {
    if (groups.title) sections.push({ title: groups.title, blocks: [] });
    else if (groups.language === 'console') sections.at(-1)?.blocks.push(groups.code ?? '');
  }
  return sections.filter(({ blocks }) => blocks.length > 0);
}

/** Types the block's commands one after the other, and returns what a terminal shows. */
export async function play(block: string, access: ControlPlaneAccess, kubeconfig: string): Promise<string> {
  const commands = block.split('\n').filter((line) => line.startsWith('$ '));
  const script = commands.map((line) => {
    const command = line.slice(2);
    // As in a terminal, `echo $?` is about the command before it.
    return `printf '%s\\n' '${line.replaceAll("'", "'\\''")}'; (exit $code); ${command}\ncode=$?`;
  });
  const child = spawn('/bin/sh', ['-c', ['exec 2>&1; code=0', ...script].join('\n')], {
    env: {
      ...shortLivedGo,
      PATH: `${commandsFolder(access)}:${dirname(access.kubectl)}:/usr/bin:/bin`,
      KUBECONFIG: kubeconfig,
      HOME: access.directory,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return text(child.stdout);
}

/** With koncli. */
function commandsFolder({ directory }: ControlPlaneAccess): string {
  const folder = join(directory, 'commands');
  mkdirSync(folder, { recursive: true });
  const link = join(folder, 'koncli');
  if (!existsSync(link)) symlinkSync(koncliPath(), link);
  return folder;
}

/** What is another in each run, by what stands for it: times, the rooms between columns, and the given names. */
export function comparable(shown: string, names: Readonly<Record<string, string>> = {}): string {
  const named = Object.entries({ ...names, [hostname()]: 'laptop' })
    .toSorted(([one], [other]) => other.length - one.length)
    .reduce((changed, [name, alias]) => changed.replaceAll(name, alias), shown);
  return named
    .split('\n')
    .map((line) => (line.startsWith('$ ') ? line : withoutTimes(line)))
    .join('\n')
    .trim();
}

function withoutTimes(line: string): string {
  return line
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/\b\d+(\.\d+)? ?(ms|s|m|h|d)(\d+[smh])?\b/g, 'TIME')
    .replace(/^([+-]\d+ .*) [\w-]{16}$/, '$1 OPERATION')
    .replace(/\bv1\.\d+\.\d+\b/, 'VERSION')
    .replace(/ {2,}/g, '  ')
    .trimEnd();
}
