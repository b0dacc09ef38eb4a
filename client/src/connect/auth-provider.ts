// Rejects the auth providers of a kubeconfig, which exec plugins have replaced.
import { ConnectionError } from './connection.ts';
import { fieldsOf, type KubeconfigEntry } from './kubeconfig-entry.ts';

/** The exec plugins that replace auth providers. kubectl has removed all but oidc. */
const REPLACEMENTS: Readonly<Record<string, string>> = {
  oidc: 'kubelogin (https://github.com/int128/kubelogin)',
  gcp: 'gke-gcloud-auth-plugin (https://cloud.google.com/kubernetes-engine/docs/how-to/cluster-access-for-kubectl)',
  azure: 'kubelogin (https://github.com/Azure/kubelogin)',
};

/** Rejected before anything is sent: a refresh token that is spent without storing its successor would be lost. */
export function rejectAuthProvider(user: KubeconfigEntry): void {
  const provider = user.fields['auth-provider'];
  if (!provider) return;
  const { name } = fieldsOf(provider);
  const replacement = REPLACEMENTS[String(name)] ?? 'of your provider';
  throw new ConnectionError(
    `${user.place('auth-provider')} is ${name}, which is not supported: use the exec plugin ${replacement}`,
  );
}
