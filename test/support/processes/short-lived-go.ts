/** For kubectl and helm: they end before their garbage matters, and its collection is half of the CPU time of a start of kubectl. */
export const shortLivedGo = { GOGC: 'off' };
