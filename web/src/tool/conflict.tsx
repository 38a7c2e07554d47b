// Two people have changed the same object: both are shown, and one says what stands.
import { useEffect, useState } from "preact/hooks";
import type { Obj } from "./doc";
import type { Editor } from "./edit";
import type { Images } from "./images";
import * as outbox from "./outbox";

export function Conflict({ editor, images }: { editor: Editor; images: Images }) {
  const key = outbox.conflict.value;
  const [theirs, setTheirs] = useState<Obj | null | undefined>(undefined); // null: they have removed it
  const mine = editor.version.value >= 0 ? editor.doc?.objects.find((o) => o.key === key) : undefined;
  const imageId = editor.doc?.imageId ?? 0;
  useEffect(() => {
    if (!key || !imageId) return;
    let gone = false;
    setTheirs(undefined);
    images.annotation(imageId).then((doc) => {
      if (gone) return;
      const found = doc.objects.find((o) => o.id === outbox.idOf(key)) ?? null;
      setTheirs(found);
      editor.engine.scene.ghosts = found ? [found] : [];
      editor.select(key);
    }, () => {});
    return () => { gone = true; };
  }, [key, imageId]);
  if (!key || !mine || theirs === undefined) return null;
  const done = (run: () => void) => {
    outbox.conflict.value = "";
    editor.engine.scene.ghosts = [];
    run();
  };
  const name = editor.classOf(mine.classId)?.title ?? "object";
  return (
    <div class="band conflict" role="alertdialog" aria-label="Changed by somebody else" onPointerDown={(e) => e.stopPropagation()} onPointerUp={(e) => e.stopPropagation()}>
      <div>
        <b>{theirs ? `Somebody else has changed ${name} #${outbox.idOf(key)} while you did.` : `Somebody else has removed ${name} #${outbox.idOf(key)} while you changed it.`}</b>
        <div>{theirs ? <>Yours is drawn <i class="ln mine" /> solid, theirs <i class="ln theirs" /> dashed.</> : "Yours is still drawn here; it is not saved."}</div>
      </div>
      <span class="row">
        <button type="button" class="btn s" onClick={() => done(() => editor.keepTheirs(key, theirs ?? undefined))}>{theirs ? "Keep theirs" : "Let it go"}</button>
        {theirs ? <button type="button" class="btn s" onClick={() => done(() => editor.keepMine(key, theirs))}>Keep mine</button> : null}
        <button type="button" class="btn p s" onClick={() => done(() => editor.keepBoth(key, theirs ?? undefined))}>{theirs ? "Keep both" : "Keep mine as a new one"}</button>
      </span>
    </div>
  );
}
