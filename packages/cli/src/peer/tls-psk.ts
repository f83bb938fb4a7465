/**
 * TLS with a key that both sides have (TLS-PSK), for the channel between the daemons.
 *
 * Decides version and cipher: TLS 1.3, so that each connection has keys of its own and a secret that leaks later opens none that was
 * recorded (RFC 8446 §4.2.9, psk_dhe_ke). There are no certificates: who has no key of the pair gets no connection, in either direction.
 */
import {constants} from 'node:crypto';
import type {SecureContextOptions} from 'node:tls';

export const pskOptions: SecureContextOptions & {readonly minVersion: 'TLSv1.3'} = {
	minVersion: 'TLSv1.3',
	maxVersion: 'TLSv1.3',
	ciphers: 'TLS_AES_128_GCM_SHA256:PSK',
	// A connection that is resumed would outlive the key that opened it.
	secureOptions: constants.SSL_OP_NO_TICKET,
};
