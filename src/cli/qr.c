/* A QR code on the terminal: dark on light whatever the theme, since phones read nothing else. */
#include "cli/private.h"

#include <langinfo.h>
#include <qrencode.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { QUIET = 2, LINES_BESIDE = 3 };

static bool dark(const QRcode *q, int y, int x)
{
    return y >= 0 && x >= 0 && y < q->width && x < q->width && (q->data[y * q->width + x] & 1) != 0;
}

/* Two modules a cell. Without colours light is what is drawn, as on a dark terminal. */
static void put_row(FILE *to, const QRcode *q, int row, bool color)
{
    static const char *const cells[4] = { " ", "▄", "▀", "█" }; /* bits: upper, lower is drawn */

    fputs(color ? "\033[30;107m" : "", to);
    for (int x = -QUIET; x < q->width + QUIET; x++) {
        bool upper = dark(q, row * 2 - QUIET, x), lower = dark(q, row * 2 + 1 - QUIET, x);

        if (!color) {
            upper = !upper;
            lower = !lower;
        }
        fputs(cells[(upper ? 2 : 0) + (lower ? 1 : 0)], to);
    }
    fputs(color ? "\033[0m\n" : "\n", to);
}

bool cli_qr(struct cli *cli, FILE *to, const char *s, int *columns, int *rows)
{
    struct winsize size = { .ws_col = 0 };
    bool halves = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    QRcode *q = QRcode_encodeString8bit(s, 0, QR_ECLEVEL_L);
    bool fits;

    *columns = *rows = 0;
    if (!q)
        return false;
    *columns = q->width + 2 * QUIET;
    *rows = (q->width + 2 * QUIET + 1) / 2;
    if (!halves)
        *columns = -1;
    fits = halves && isatty(fileno(to)) && ioctl(fileno(to), TIOCGWINSZ, &size) == 0 &&
           size.ws_col >= *columns && size.ws_row >= *rows + LINES_BESIDE;
    for (int row = 0; fits && row < *rows; row++)
        put_row(to, q, row, cli->color);
    QRcode_free(q);
    return fits;
}
