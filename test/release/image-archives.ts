// Reads the archives of the images by their indexes, as containerd does.
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { extract, type Header } from 'tar-stream';
import { root } from '../../scripts/root.ts';

export type Archive = ReadonlyMap<string, Header & { readonly content: Buffer }>;

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly os: string; readonly architecture: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

async function unpack(archive: NodeJS.ReadableStream): Promise<Archive> {
  const entries = new Map<string, Header & { content: Buffer }>();
  const unpacking = archive.pipe(extract() as never) as ReturnType<typeof extract>;
  for await (const entry of unpacking)
    entries.set(entry.header.name, { ...entry.header, content: await buffer(entry) });
  return entries;
}

export function readArchive(name: string, project = root): Promise<Archive> {
  return unpack(createReadStream(join(project, 'dist/images', `${name}.tar`)));
}

export const pathOf = ({ digest }: Pick<Descriptor, 'digest'>) => `blobs/${digest.replace(':', '/')}`;
export const jsonAt = (archive: Archive, path: string) => JSON.parse(`${archive.get(path)?.content}`);
export const blobOf = (archive: Archive, descriptor: Descriptor) =>
  archive.get(pathOf(descriptor))?.content ?? Buffer.of();

/** The manifest, its config, and the files of its layer. */
export async function readImage(archive: Archive, descriptor: Descriptor) {
  const manifest = jsonAt(archive, pathOf(descriptor));
  const [layer]: Descriptor[] = manifest.layers;
  if (!layer) throw new Error('an image without a layer');
  const files = await unpack(Readable.from([blobOf(archive, layer)]));
  return { manifest, config: jsonAt(archive, pathOf(manifest.config)), layer, files };
}
