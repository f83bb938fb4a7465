/**
 * What it means that there is no kernel lease, in the words of status, check and doctor. Pure.
 *
 * The address has a lifetime of 5 s, which the kernel looks at about once a second (`virtual-address.ts` of the heartbeat): that is all that
 * ends a frozen master then.
 */
export const withoutLease =
	'a killed or frozen heartbeat goes on answering for the address for up to 6 s, beside a peer that has taken over';
