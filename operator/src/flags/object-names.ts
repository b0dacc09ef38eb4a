// Names of objects on the command line. A name that no object can have is refused at once: the API server would take it, and
// find nothing there for ever.
import { isDnsLabel, isDnsSubdomain } from '@konductor/schema';
import { InvalidArgumentError } from 'commander';

export function watchedNamespace(text: string): string {
  if (isDnsLabel(text)) return text;
  throw new InvalidArgumentError('Write the name of one namespace; leave the flag out for all of them.');
}

export function namespaceName(text: string): string {
  if (isDnsLabel(text)) return text;
  throw new InvalidArgumentError('Write the name of one namespace.');
}

export function leaseName(text: string): string {
  if (isDnsSubdomain(text)) return text;
  throw new InvalidArgumentError('Write a name of lower-case letters, digits, hyphens and dots.');
}
