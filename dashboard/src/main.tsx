import { render } from 'preact';
import { followAlerts } from './alerting.ts';
import { App } from './app.tsx';
import { followAgents } from './monitor/agents.ts';
import { connect } from './monitor/feed.ts';
import { followHistory } from './monitor/history.ts';
import { watchScrolling } from './monitor/scrolling.ts';
import { followAnswers } from './parts/answering.ts';
import { followWriting } from './parts/writing.ts';
import { showInTab } from './tab.ts';

watchScrolling();
followWriting();
followAnswers();
followAgents();
followHistory();
showInTab();
followAlerts();
connect();

// An upgrade has taken the files away that this page was made with.
addEventListener('vite:preloadError', () => location.reload());

const place = document.getElementById('app');
if (place) render(<App />, place);
