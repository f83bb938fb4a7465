/**
 * `balance source`: a client's address leads to its server (HAProxy manual, `balance source`).
 */
import {finishHash} from './hash-functions.ts';
import {byHash} from './hashed.ts';
import {hashSource} from './source-hash.ts';

export const source = byHash((_options, hashType) => request => finishHash(hashSource(request.source), hashType));
