// The parts of the help text that commander does not make from the declarations.

/** The environment variables. */
export const VARIABLES_HELP = `
Environment, where no flag says otherwise:
  KUBECONFIG             kubeconfig to use
  KONDUCTOR_NAMESPACE    namespace
  KONDUCTOR_WAITGROUP    name of the WaitGroup
  KONDUCTOR_TIMEOUT      timeout, such as 30s
  HTTPS_PROXY, NO_PROXY  proxy to the API server, as for kubectl
  NO_COLOR               no colors on a terminal
`;

/** The exit codes. */
export const EXIT_CODES_HELP = `
Exit codes:
  0  it happened           3  timeout
  1  error                 4  permission denied
  2  not found             5  the API server is away, or the outcome is unknown
  run: that of the command`;
