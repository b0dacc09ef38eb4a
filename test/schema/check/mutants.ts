// Damages an object in every way that a check must notice.

/** The object with each of its fields, in turn, left out and replaced by another value. */
export function mutants(object: object): [field: string, mutant: unknown][] {
  const others = [undefined, null, -1, 1.5, 2 ** 53, '', 'x', '2026-13-01T00:00:00Z', {}, [], [{}]];
  return Object.entries(object).flatMap(([key, value]) => {
    const rebuild = (inner: unknown): unknown =>
      Array.isArray(object)
        ? object.map((item, index) => (key === `${index}` ? inner : item))
        : { ...object, [key]: inner };
    const within = typeof value === 'object' && value !== null ? mutants(value) : [];
    const { [key as never]: _, ...left } = object;
    return [
      ...(Array.isArray(object) ? [] : [[key, left] as [string, unknown]]),
      ...others.map((other): [string, unknown] => [key, rebuild(other)]),
      ...within.map(([field, inner]): [string, unknown] => [`${key}.${field}`, rebuild(inner)]),
    ];
  });
}
