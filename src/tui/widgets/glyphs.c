#include "tui/widgets/glyphs.h"

static const struct {
    const char *wide, *ascii;
} glyphs[GLYPH_COUNT] = {
    [GLYPH_CHOSEN] = { "▸", ">" },  [GLYPH_LIVE] = { "●", "*" },   [GLYPH_WAITING] = { "○", "o" },
    [GLYPH_BUSY] = { "◌", "~" },    [GLYPH_ENDED] = { "·", "." },  [GLYPH_FAILED] = { "✗", "x" },
    [GLYPH_WARNING] = { "▲", "!" }, [GLYPH_DONE] = { "✓", "+" },   [GLYPH_RULE] = { "─", "-" },
    [GLYPH_DOT] = { "·", "-" },     [GLYPH_ARROW] = { "→", ">" },  [GLYPH_CUT] = { "…", "~" },
    [GLYPH_NOTHING] = { "—", "-" }, [GLYPH_SECRET] = { "•", "*" }, [GLYPH_NEWLINE] = { "↵", "|" },
    [GLYPH_OPEN] = { "▾", "v" },
};

const char *glyph_text(enum glyph g, bool ascii)
{
    return ascii ? glyphs[g].ascii : glyphs[g].wide;
}
