import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Link } from '../app/router.js';
import { apiAddress } from '../data/base.js';
import type { Task } from '../data/types.js';
import { Action } from '../ui/action.js';
import { Copy } from '../ui/copy.js';
import { Icon } from '../ui/icon.js';
import { cancelTask, eraseTask, isOut, isOver, retryTask } from './task-actions.js';
import { TaskChangeDialog } from './task-change.js';

/** Everything that can be done with a task. */
export function TaskButtons({ task }: { task: Task }): JSX.Element {
  const over = isOver(task.state);
  const [isChanging, setChanging] = useState(false);
  const curl = `curl ${location.origin}${apiAddress(`/v1/tasks/${task.id}`)}`;
  return (
    <>
      {task.state === 'failed' && task.flow === undefined && (
        <Action
          permission="operate"
          action="retry"
          icon="again"
          tone="primary"
          title="r"
          onClick={() => retryTask(task)}
        >
          Retry
        </Action>
      )}
      {!over && (
        <Action permission="operate" action="cancel" icon="stop" title="c" onClick={() => cancelTask(task)}>
          Cancel
        </Action>
      )}
      {!over && !isOut(task.state) && (
        <Action permission="operate" action="change" icon="settings" onClick={() => setChanging(true)}>
          Change
        </Action>
      )}
      {isChanging && <TaskChangeDialog task={task} onClose={() => setChanging(false)} />}
      <Link to={`/submit?like=${encodeURIComponent(task.id)}`} class="button">
        <Icon name="submit" />
        Run again as new
      </Link>
      {over && (
        <Action permission="administer" action="erase" icon="trash" onClick={() => eraseTask(task)}>
          Erase
        </Action>
      )}
      <Copy text={curl} what="curl" />
      <Copy text={`drover get ${task.id}`} what="command" />
    </>
  );
}
