/**
 * `-n` and `-N`: limits of the command line over those of the file (HAProxy management guide).
 */
import type {Configuration} from '@hapair/config';

/** HAProxy's default `maxconn` of a frontend. */
const defaultMaxconn = 2000;

/** `maxconn` for the process; `proxyMaxconn` for frontends at the default. */
export function overrideLimits(
	configuration: Configuration,
	limits: {readonly maxconn?: number; readonly proxyMaxconn?: number},
): Configuration {
	const {maxconn, proxyMaxconn} = limits;
	const {global, frontends} = configuration;
	return {
		...configuration,
		global: maxconn === undefined ? global : {...global, maxconn},
		frontends:
			proxyMaxconn === undefined
				? frontends
				: frontends.map(frontend =>
						frontend.maxconn === defaultMaxconn ? {...frontend, maxconn: proxyMaxconn} : frontend,
					),
	};
}
