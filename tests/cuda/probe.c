/*
 * probe.c - asks a device for one of everything.
 *
 *   probe KIND FILE.cu [KERNEL]
 *
 * compiles the file, and with KERNEL takes it through memory, copies, a
 * launch, events and a graph, and prints what the device is and what it says
 * of the kernel.  The kernel has no parameters.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/die.h"
#include "base/file.h"
#include "cuda/device.h"

static void
launch_all(struct gpu *g, struct gpu_module *m, const char *name)
{
    struct gpu_stream *s = gpu_stream_open(g), *other = gpu_stream_open(g);
    struct gpu_event *from = gpu_event_open(g), *to = gpu_event_open(g);
    struct gpu_kernel *k = gpu_kernel(m, name);
    struct gpu_kernel_facts f = gpu_kernel_facts(k);
    struct gpu_shape shape = { .grid = { 2 }, .block = { 32 },
                               .shared = 64 << 10, .cooperative = true };
    size_t bytes = 1 << 20;
    gpu_address x = gpu_alloc(g, bytes), y;
    char *host = gpu_host_alloc(g, bytes);
    struct gpu_graph *graph;

    if (!x)
        die(RC_DEVICE, "no room for %zu bytes", bytes);
    y = gpu_alloc(g, bytes);
    if (!y)
        die(RC_DEVICE, "no room for %zu bytes more", bytes);
    printf("kernel: %d bytes local, %d CTAs at once\n", f.local,
           gpu_resident(k, 32, shape.shared));
    gpu_event_record(from, s);
    gpu_fill(s, x, 7, bytes);
    gpu_move(s, y, x, bytes);
    gpu_read(s, host, y, bytes);
    gpu_wait(s);
    printf("copied: %d\n", host[bytes - 1]);
    gpu_write(s, x, host, bytes);
    gpu_launch(s, k, &shape, NULL);
    gpu_event_record(to, s);
    gpu_event_await(other, to);
    gpu_wait(other);
    printf("time: %d\n", gpu_event_seconds(from, to) >= 0);
    gpu_capture(s);
    gpu_launch(s, k, &shape, NULL);
    graph = gpu_capture_end(s);
    gpu_graph_launch(s, graph);
    while (!gpu_done(s))
        ;
    printf("free: %d\n", gpu_free_memory(g) <= gpu_facts(g)->memory);
    gpu_graph_free(graph);
    gpu_host_free(g, host);
    gpu_free(g, x);
    gpu_free(g, y);
}

int
main(int argc, char **argv)
{
    const struct gpu_facts *f;
    struct gpu *g;
    size_t n;
    char *text;
    struct gpu_module *m;

    prog = "probe";
    if (argc < 3)
        die(RC_USAGE, "probe KIND FILE.cu [KERNEL]");
    text = file_read(argv[2], 1 << 20, &n);
    g = gpu_open(argv[1]);
    f = gpu_facts(g);
    printf("device: %s, %d.%d, %d multiprocessors\n", f->name, f->major,
           f->minor, f->multiprocessors);
    m = gpu_module(g, "probe", text);
    if (argc > 3)
        launch_all(g, m, argv[3]);
    gpu_close(g);
    free(text);
    close_stdout();
    return 0;
}
