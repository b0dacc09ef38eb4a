// Names of objects on the command line. A name that no object can have is refused at once: the API server would take it, and
// find nothing there for ever.
import { InvalidArgumentError } from 'commander';

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

export function watchedNamespace(text: string): string {
  if (DNS_LABEL.test(text)) return text;
  throw new InvalidArgumentError('Write the name of one namespace; leave the flag out for all of them.');
}

export function namespaceName(text: string): string {
  if (DNS_LABEL.test(text)) return text;
  throw new InvalidArgumentError('Write the name of one namespace.');
}

export function leaseName(text: string): string {
  if (DNS_SUBDOMAIN.test(text)) return text;
  throw new InvalidArgumentError('Write a name of lower-case letters, digits, hyphens and dots.');
}
