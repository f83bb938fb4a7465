/** The login: the token, once for each browser and twelve hours. */
import {useState} from 'preact/hooks';
import {order} from '../api.ts';

export function Login({onDone}: {onDone: () => void}) {
	const [token, setToken] = useState('');
	const [problem, setProblem] = useState('');
	const [isBusy, setBusy] = useState(false);
	const submit = async (event: Event): Promise<void> => {
		event.preventDefault();
		setBusy(true);
		const {ok, message} = await order('/api/login', {token});
		setBusy(false);
		setProblem(ok ? '' : message);
		if (ok) onDone();
	};
	return (
		<main class="login">
			<form onSubmit={event => void submit(event)}>
				<h1>hapair</h1>
				<label for="token">Admin token</label>
				<input
					id="token"
					name="token"
					type="password"
					autocomplete="current-password"
					required
					autofocus
					value={token}
					onInput={({currentTarget}) => setToken(currentTarget.value)}
					aria-describedby="token-hint token-problem"
				/>
				<p id="token-hint" class="hint">
					On the node, as root: <code>cat /var/lib/hapair/admin.token</code>, unless the pair section names another
					file.
				</p>
				<p id="token-problem" class="problem" role="alert">
					{problem}
				</p>
				<button type="submit" class="primary" disabled={isBusy}>
					Log in
				</button>
			</form>
		</main>
	);
}
