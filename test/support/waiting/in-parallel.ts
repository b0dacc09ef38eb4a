// Many requests over a few connections, as fast as the API server accepts them.
const CONNECTIONS = 50;

/** Runs one after the other on each of the connections; the results are in the order of the inputs. */
export async function inParallel<T, R>(
  inputs: readonly T[],
  run: (input: T) => Promise<R>,
  connections = CONNECTIONS,
): Promise<R[]> {
  const results: R[] = [];
  const entries = inputs.entries();
  const connection = async () => {
    for (const [index, input] of entries) results[index] = await run(input);
  };
  await Promise.all(Array.from({ length: connections }, connection));
  return results;
}
