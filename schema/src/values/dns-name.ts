// The two kinds of names that Kubernetes objects have.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/

/** The expression bounds the length too: 1 to 63 characters. */
export const DNS_LABEL: RegExp = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** The length is bounded by {@link MAX_DNS_SUBDOMAIN}, not by the expression. */
export const DNS_SUBDOMAIN: RegExp = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
export const MAX_DNS_SUBDOMAIN = 253;

/** Whether a Namespace, Service or WaitGroup can have this name. */
export function isDnsLabel(text: string): boolean {
  return DNS_LABEL.test(text);
}

/** Whether most other objects can have this name. */
export function isDnsSubdomain(text: string): boolean {
  return text.length <= MAX_DNS_SUBDOMAIN && DNS_SUBDOMAIN.test(text);
}
