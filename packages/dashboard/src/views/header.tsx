/** The head of the page: whose it is, whether it is live, light or dark. */
import {useEffect, useState} from 'preact/hooks';
import type {FeedCondition} from '../feed.ts';
import type {Status} from '../messages.ts';

const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];
const KEPT = 'hapair-theme';

const WORDS: Readonly<Record<FeedCondition, string>> = {
	connecting: 'connecting',
	live: 'live',
	broken: 'no answer',
	locked: 'locked',
};

interface HeaderProps {
	readonly status: Status | undefined;
	readonly condition: FeedCondition;
	readonly onLogOut: () => void;
}

export function Header({status, condition, onLogOut}: HeaderProps) {
	const own = status?.pair?.nodes[0].name;
	return (
		<header>
			<h1>
				<img src="/icon.svg" alt="" width="28" height="28" />
				{status?.pair?.name ?? 'hapair'}
			</h1>
			<p class="seen-from">{own === undefined ? '' : `as seen from ${own} · hapair ${status?.hapair}`}</p>
			<span class={`feed ${condition}`} role="status" title="Is this page up to date?">
				{WORDS[condition]}
			</span>
			<ThemeChoice />
			<button type="button" class="quiet" onClick={onLogOut}>
				Log out
			</button>
		</header>
	);
}

function ThemeChoice() {
	const [theme, setTheme] = useState<Theme>(readTheme);
	useEffect(() => {
		if (theme === 'auto') delete document.documentElement.dataset.theme;
		else document.documentElement.dataset.theme = theme;
		try {
			localStorage.setItem(KEPT, theme);
		} catch {
			// Not kept where the browser keeps nothing.
		}
		dispatchEvent(new Event('hapair-theme'));
	}, [theme]);
	return (
		<select
			aria-label="Colours"
			value={theme}
			onChange={({currentTarget}) => setTheme(THEMES.find(name => name === currentTarget.value) ?? 'auto')}
		>
			{THEMES.map(name => (
				<option key={name} value={name}>
					{name}
				</option>
			))}
		</select>
	);
}

function readTheme(): Theme {
	try {
		return THEMES.find(name => name === localStorage.getItem(KEPT)) ?? 'auto';
	} catch {
		return 'auto';
	}
}
