// Markdown of readmes, loaded when one is shown. What marked makes goes through DOMPurify.
import DOMPurify from "dompurify";
import { marked } from "marked";
import { useMemo } from "preact/hooks";

export function Markdown({ text }: { text: string }) {
  const html = useMemo(
    () => DOMPurify.sanitize(marked.parse(text, { async: false, gfm: true }), { FORBID_TAGS: ["style", "form", "input", "iframe"], FORBID_ATTR: ["style"] }),
    [text],
  );
  return <div class="md" dangerouslySetInnerHTML={{ __html: html }} />;
}
