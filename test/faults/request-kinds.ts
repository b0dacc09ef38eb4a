// The kinds of requests that a client of one WaitGroup sends.
import type { ProxiedRequest } from './proxied-request.ts';

export type Matcher = (request: ProxiedRequest) => boolean;

const labelled =
  (label: string): Matcher =>
  (request) =>
    request.label === label;
export const isRead = labelled('GET group');
export const isWrite = labelled('PUT status');
export const isList = labelled('GET list');
export const isWatch = labelled('GET watch');
export const isCreate = labelled('POST list');
export const isRecordRead = labelled('GET record');
export const isRecordWrite: Matcher = ({ label }) => label === 'POST records' || label === 'PATCH record';
export const isDelete = labelled('DELETE group');
