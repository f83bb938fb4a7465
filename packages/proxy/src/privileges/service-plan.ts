/**
 * As whom the proxy of a service runs that is not root, but may become another user (the package's unit).
 *
 * Pure. Decides that it never is the daemon's own user or group, nor root: the key belongs to the first, and members of the second may give
 * orders. What the global section names is taken where it can be, without supplementary groups: the kernel is told to permit none
 * (`identity-lock.ts`). Else the package's account is.
 */
import type {Identity, IdentityRequest, MachineFacts} from './plan.ts';

/** Made by the package. */
const proxyAccount = 'hapair-proxy';

const nobodyElse = `The proxy runs as the daemon's own user, to whom the key belongs; make it another one: useradd --system --shell /usr/sbin/nologin ${proxyAccount}`;

/** @param asked what the global section comes to, if it names anybody. Undefined where nobody else is there to be. */
export function chooseServiceIdentity(
	request: IdentityRequest,
	asked: Identity | undefined,
	facts: MachineFacts,
	notices: string[],
): Identity | undefined {
	const account = facts.accounts.find(({name}) => name === proxyAccount);
	const own = account && {user: account.name, uid: account.uid, gid: account.gid, groups: []};
	if (asked === undefined) {
		if (own === undefined) notices.push(nobodyElse);
		return own;
	}
	const objection = findObjection(request, asked, facts);
	if (objection === undefined) return {...asked, groups: []};
	if (own !== undefined) notices.push(`The proxy runs as user "${own.user}": ${objection}.`);
	return own;
}

function findObjection(request: IdentityRequest, asked: Identity, facts: MachineFacts): string | undefined {
	const {user, group, uid} = request;
	if (user === undefined && uid === undefined) return 'the global section names a group and no user';
	if (uid === undefined && asked.user !== user) return `user "${user}" does not exist here`;
	if (group !== undefined && request.gid === undefined && !facts.groups.some(({name}) => name === group)) {
		return `group "${group}" does not exist here`;
	}
	if (asked.uid === 0 || asked.gid === 0) return 'a service without root can give nobody root';
	if (asked.uid === facts.uid) return `user "${asked.user}" runs the daemon, and the key of the pair is its own`;
	if (asked.gid === facts.gid) return `members of group ${group ?? asked.gid} may give the daemon orders`;
	return undefined;
}
