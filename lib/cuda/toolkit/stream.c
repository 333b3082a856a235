/* stream.c - streams, copies, events, and graphs of kept work. */
#include "cuda/toolkit/toolkit.h"

#include <stdlib.h>

struct gpu_stream *
stream_open(struct gpu *g)
{
    struct gpu_stream *s = toolkit_new(g, sizeof *s);

    *s = (struct gpu_stream){ .head = g->head, .g = g, .next = g->streams };
    toolkit_check(g, g->cuda.cuStreamCreate(&s->stream,
                                            CU_STREAM_NON_BLOCKING),
                  "opening a stream");
    g->streams = s;
    return s;
}

void
stream_close(struct gpu_stream *s)
{
    struct gpu_stream **p = &s->g->streams;

    stream_wait(s);
    while (*p != s)
        p = &(*p)->next;
    *p = s->next;
    toolkit_check(s->g, s->g->cuda.cuStreamDestroy(s->stream),
                  "closing a stream");
    if (s->workspace)
        toolkit_check(s->g, s->g->cuda.cuMemFree(s->workspace),
                      "freeing memory");
    free(s);
}

void
stream_wait(struct gpu_stream *s)
{
    toolkit_check(s->g, s->g->cuda.cuStreamSynchronize(s->stream),
                  "waiting for it");
}

bool
stream_done(struct gpu_stream *s)
{
    CUresult r = s->g->cuda.cuStreamQuery(s->stream);

    if (r == CUDA_ERROR_NOT_READY)
        return false;
    toolkit_check(s->g, r, "looking whether it is done");
    return true;
}

/* ---- copies --------------------------------------------------------------*/

void
stream_write(struct gpu_stream *s, gpu_address to, const void *from,
             size_t bytes)
{
    toolkit_check(s->g, s->g->cuda.cuMemcpyHtoDAsync(to, from, bytes,
                                                     s->stream),
                  "writing to it");
}

void
stream_read(struct gpu_stream *s, void *to, gpu_address from, size_t bytes)
{
    toolkit_check(s->g, s->g->cuda.cuMemcpyDtoHAsync(to, from, bytes,
                                                     s->stream),
                  "reading from it");
}

void
stream_move(struct gpu_stream *s, gpu_address to, gpu_address from,
            size_t bytes)
{
    toolkit_check(s->g, s->g->cuda.cuMemcpyDtoDAsync(to, from, bytes,
                                                     s->stream),
                  "copying on it");
}

void
stream_fill(struct gpu_stream *s, gpu_address to, int byte, size_t bytes)
{
    toolkit_check(s->g, s->g->cuda.cuMemsetD8Async(to, (unsigned char)byte,
                                                   bytes, s->stream),
                  "filling its memory");
}

/* ---- events --------------------------------------------------------------*/

struct gpu_event *
event_open(struct gpu *g)
{
    struct gpu_event *e = toolkit_new(g, sizeof *e);

    *e = (struct gpu_event){ .head = g->head, .g = g, .next = g->events };
    toolkit_check(g, g->cuda.cuEventCreate(&e->event, CU_EVENT_DEFAULT),
                  "opening an event");
    g->events = e;
    return e;
}

void
event_close(struct gpu_event *e)
{
    struct gpu_event **p = &e->g->events;

    while (*p != e)
        p = &(*p)->next;
    *p = e->next;
    toolkit_check(e->g, e->g->cuda.cuEventDestroy(e->event),
                  "closing an event");
    free(e);
}

void
event_record(struct gpu_event *e, struct gpu_stream *s)
{
    toolkit_check(e->g, e->g->cuda.cuEventRecord(e->event, s->stream),
                  "recording an event");
}

void
event_await(struct gpu_stream *s, struct gpu_event *e)
{
    toolkit_check(s->g, s->g->cuda.cuStreamWaitEvent(s->stream, e->event, 0),
                  "waiting for an event");
}

double
event_seconds(struct gpu_event *from, struct gpu_event *to)
{
    struct gpu *g = from->g;
    float milliseconds = 0;

    toolkit_check(g, g->cuda.cuEventSynchronize(from->event),
                  "waiting for an event");
    toolkit_check(g, g->cuda.cuEventSynchronize(to->event),
                  "waiting for an event");
    toolkit_check(g, g->cuda.cuEventElapsedTime(&milliseconds, from->event,
                                                to->event),
                  "taking the time");
    return 1e-3 * (double)milliseconds;
}

/* ---- graphs --------------------------------------------------------------*/

void
stream_capture(struct gpu_stream *s)
{
    toolkit_check(s->g, s->g->cuda.cuStreamBeginCapture(s->stream,
        CU_STREAM_CAPTURE_MODE_THREAD_LOCAL), "keeping work");
}

struct gpu_graph *
stream_capture_end(struct gpu_stream *s)
{
    struct gpu *g = s->g;
    struct gpu_graph *k = toolkit_new(g, sizeof *k);

    *k = (struct gpu_graph){ .head = g->head, .g = g, .next = g->graphs };
    toolkit_check(g, g->cuda.cuStreamEndCapture(s->stream, &k->graph),
                  "keeping work");
    toolkit_check(g, g->cuda.cuGraphInstantiate(&k->exec, k->graph, 0),
                  "keeping work");
    g->graphs = k;
    return k;
}

void
stream_launch(struct gpu_stream *s, struct gpu_graph *k)
{
    toolkit_check(s->g, s->g->cuda.cuGraphLaunch(k->exec, s->stream),
                  "launching kept work");
}

void
graph_free(struct gpu_graph *k)
{
    struct gpu_graph **p = &k->g->graphs;

    while (*p != k)
        p = &(*p)->next;
    *p = k->next;
    toolkit_check(k->g, k->g->cuda.cuGraphExecDestroy(k->exec),
                  "freeing kept work");
    toolkit_check(k->g, k->g->cuda.cuGraphDestroy(k->graph),
                  "freeing kept work");
    free(k);
}
