/**
 * A clock with fractions of a second for the Perl programs: `now()`, in seconds.
 *
 * Decides for /proc/uptime (proc(5), steps of 10 ms), because Time::HiRes is not in perl-base, and a small Debian has nothing more.
 */
export const perlClock = `sub now { open(my $f, '<', '/proc/uptime') or die "no clock\\n"; <$f> =~ /^([\\d.]+)/; $1 }`;
