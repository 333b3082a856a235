/* plot-prep - records in, a table for gnuplot out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clash.h"
#include "base/cli.h"
#include "base/die.h"
#include "base/file.h"
#include "base/memfile.h"
#include "base/near.h"
#include "base/stop.h"
#include "stats/learning.h"
#include "stats/table.h"

/* A kind of table and which of --x --y --z it cannot do without. */
static const struct kind {
    const char *name;
    void (*make)(FILE *, struct records *, const struct table_options *);
    int x, y, z;
} kinds[] = {
    { "lines", table_lines, 1, 1, 0 },
    { "bars", table_bars, 1, 1, 0 },
    { "curves", table_curves, 0, 1, 0 },
    { "swarm", table_swarm, 1, 1, 0 },
    { "heat", table_heat, 0, 0, 1 },
    { "curve", NULL, 0, 0, 0 },
};

enum { KINDS = sizeof kinds / sizeof *kinds };

/* ---- learning curves, drawn here ------------------------------------------*/

static bool
utf8(void)
{
    static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

    for (int i = 0; i < 3; i++) {
        const char *v = getenv(names[i]);

        if (v && *v)
            return strcasestr(v, "utf-8") || strcasestr(v, "utf8");
    }
    return false;
}

/* As wide and as high as the terminal, or 80 x 20. */
static struct chart_style
find_style(const struct table_options *o, bool log, int n, const char *path)
{
    struct chart_style s = { .columns = 80, .rows = 20, .log = log };
    bool terminal = !strcmp(path, "-") && isatty(STDOUT_FILENO);
    const char *term = getenv("TERM");
    struct winsize w;

    if (terminal && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) &&
        w.ws_col >= 40 && w.ws_col < 1000 && w.ws_row < 1000) {
        s.columns = w.ws_col - 1;
        s.rows = w.ws_row - n - 4 < 8 ? 8 : w.ws_row - n - 4;
    }
    s.colour = terminal && term && strcmp(term, "dumb") && n > 1;
    s.letters = o->ascii || !utf8() || (n > 1 && !s.colour);
    return s;
}

/* Results or logs of runs: their learning curves. */
static void
draw_curves(const struct table_options *o, bool log, char **files, int n,
            const char *path)
{
    struct chart_series *s = xcalloc((size_t)n + 1, sizeof *s);
    struct chart_style style = find_style(o, log, n, path);
    struct outfile *out;

    if (!n)
        die(RC_USAGE, "curve needs results or logs of runs; "
            "try 'plot-prep --help'");
    if (o->x || o->z || o->series || o->order || o->names || o->label)
        die(RC_USAGE, "curve takes --y KEY alone; try 'plot-prep --help'");
    for (int i = 0; i < n; i++)
        learning_read(files[i], o->y ? o->y : "loss", &s[i]);
    out = outfile_open(path);
    chart_draw(outfile_stream(out), s, n, &style);
    outfile_commit(out);
    free(s);
}

static const struct kind *
find_kind(const char *name)
{
    const char *names[KINDS], *near;

    if (!name)
        die(RC_USAGE, "which kind of table? try 'plot-prep --help'");
    for (int i = 0; i < KINDS; i++) {
        names[i] = kinds[i].name;
        if (!strcmp(names[i], name))
            return &kinds[i];
    }
    near = near_names(name, names, KINDS);
    die(RC_USAGE, "no kind of table is called '%s'%s%s%s; "
        "try 'plot-prep --help'", name, *near ? " (did you mean " : "", near,
        *near ? "?)" : "");
}

static void
check(const struct kind *k, const struct table_options *o)
{
    const char *missing = k->x && !o->x ? "--x" : k->y && !o->y ? "--y"
        : k->z && !o->z ? "--z" : NULL;

    if (missing)
        die(RC_USAGE, "%s needs %s; try 'plot-prep --help'", k->name,
            missing);
    if (k->make && k->make == table_heat && !o->x && !o->y)
        die(RC_USAGE, "heat needs --x, --y, or both; "
            "try 'plot-prep --help'");
}

int
main(int argc, char **argv)
{
    struct table_options o = { .width = 0.04 };
    const char *order = NULL, *names = NULL, *path = "-";
    int log = 0;
    char **where = NULL;
    const struct opt opts[] = {
        OPT_STR('x', "x", "PATH", &o.x, "what goes along the x axis"),
        OPT_STR('y', "y", "PATH", &o.y, "what goes up the y axis"),
        OPT_STR('z', "z", "PATH", &o.z, "what heat shows"),
        OPT_STR('s', "series", "PATH", &o.series, "what tells lines apart"),
        OPT_STR(0, "order", "NAMES", &order,
                "order of the series or bars, as lstm,gru"),
        OPT_LIST('w', "where", "KEY=VALUE", &where,
                 "only records with this value"),
        OPT_REAL(0, "smooth", "SIGMA", &o.smooth, 0, 1e6,
                 "for curves: Gaussian, in samples"),
        OPT_REAL(0, "point-width", "W", &o.width, 0, 1,
                 "for swarm: of a category's width"),
        OPT_REAL(0, "point-height", "H", &o.height, 0, 1e30,
                 "for swarm: in units of y; 0: 1/60 of the range"),
        OPT_FLAG(0, "ascii", &o.ascii,
                 "for heat: draw it here; for curve: with letters"),
        OPT_FLAG(0, "log", &log, "for curve: y by its logarithm"),
        OPT_STR(0, "label", "PATH", &o.label,
                "for heat of arrays: what a record is called"),
        OPT_STR(0, "names", "NAMES", &names,
                "for heat of arrays: what their elements are called"),
        OPT_STR('o', "output", "FILE", &path, "write here, whole or not"),
        OPT_END,
    };
    const struct tool tool = {
        .name = "plot-prep",
        .args = "KIND [FILE ...]",
        .about = "Turn summaries or results into tab-separated text for "
                 "gnuplot.",
        .details = "KIND is lines (a block a series: x, mean, error), bars "
                   "(name, mean, error), curves (a block a result), swarm "
                   "(points moved aside so that none overlap, and their "
                   "means), heat (a matrix; with --x or --y alone, --z is an "
                   "array and each record a column or a row), or curve: "
                   "learning curves (--y loss, average, val_loss ...) of "
                   "results and logs, drawn here and compared.  Paths are "
                   "dotted, looked up in the record and then in its "
                   "settings.",
        .example = "plot-prep lines --x task.len --y test_accuracy "
                   "--series cell results/copy/summary.jsonl",
        .opts = opts,
    };
    struct clash c = { .where = NULL };
    struct records r = { 0 };
    struct outfile *out;
    const struct kind *k;
    char *text;
    size_t size;
    struct memfile *table;
    int i, n;

    stop_init();
    i = cli_parse(&tool, argc, argv, NULL);
    k = find_kind(i < argc ? argv[i] : NULL);
    check(k, &o);
    for (int f = i + 1; f < argc; f++)
        clash_in(&c, "an input", argv[f]);
    clash_out(&c, "--output", path);
    clash_release(&c);
    if (!k->make) {
        draw_curves(&o, log, argv + i + 1, argc - i - 1, path);
        return RC_OK;
    }
    if (log)
        die(RC_USAGE, "--log is for curve; try 'plot-prep --help'");
    if (order)
        o.order = names_split(order, "--order", &n);
    if (names)
        o.names = names_split(names, "--names", &n);
    records_read_all(&r, argv + i + 1, argc - i - 1);
    for (char **w = where; w && *w; w++)
        records_keep(&r, *w);
    if (r.n == 0)
        die(RC_DATA, "no record is left by --where");
    /* In memory first: a record that will not do leaves no half a table. */
    table = memfile_open();
    k->make(memfile_stream(table), &r, &o);
    text = memfile_close(table, &size);
    out = outfile_open(path);
    fwrite(text, 1, size, outfile_stream(out));
    outfile_commit(out);
    free(text);
    names_free(o.order);
    names_free(o.names);
    records_release(&r);
    return RC_OK;
}
