/*
 * onednn.cpp - the time of oneDNN's LSTM layer, forward for training and
 * backward, in single precision on one thread.
 *
 *   OMP_NUM_THREADS=1 build/peers/onednn UNITS ROWS STEPS INPUTS
 *
 * Prints one JSON line with the processor seconds of one forward and one
 * backward pass.  Only these are timed: packing weights, the input's one-hot,
 * loss and optimizer are not.  Built by peers.sh where dnnl.hpp is there.
 */
#include <dnnl.hpp>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <cstring>
#include <unordered_map>
#include <vector>

using dnnl::memory;

static double
now()
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static memory
make(const memory::desc &d, const dnnl::engine &e, float value)
{
    memory m(d, e);
    float *x = (float *)m.get_data_handle();

    for (size_t i = 0; i < d.get_size() / sizeof *x; i++)
        x[i] = value * ((float)(i * 2654435761u % 2001) / 1000.0f - 1.0f);
    return m;
}

int
main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: onednn UNITS ROWS STEPS INPUTS\n");
        return 2;
    }
    const int h = atoi(argv[1]), b = atoi(argv[2]), t = atoi(argv[3]),
              n = atoi(argv[4]);
    using dt = memory::data_type;
    using tag = memory::format_tag;
    dnnl::engine e(dnnl::engine::kind::cpu, 0);
    dnnl::stream s(e);
    const auto unit = dnnl::rnn_direction::unidirectional_left2right;
    auto any = [](memory::dims d) {
        return memory::desc(d, dt::f32, tag::any);
    };
    memory::desc x({ t, b, n }, dt::f32, tag::tnc), none;
    memory::desc y({ t, b, h }, dt::f32, tag::tnc);
    memory::desc state({ 1, 1, b, h }, dt::f32, tag::ldnc);
    memory::desc bias({ 1, 1, 4, h }, dt::f32, tag::ldgo);
    auto w = any({ 1, 1, n, 4, h }), u = any({ 1, 1, h, 4, h });

    dnnl::lstm_forward::primitive_desc f(
        { dnnl::prop_kind::forward_training, unit, x, state, state, w, u, bias,
          y, state, state }, e);
    dnnl::lstm_backward::primitive_desc g(
        { dnnl::prop_kind::backward, unit, x, state, state, w, u, bias, y,
          state, state, x, state, state, w, u, bias, y, state, state }, e, f);
    std::unordered_map<int, memory> fa, ga;
    std::vector<memory> grads;
    const struct {
        int arg;
        memory::desc d;
        float value;
    } in[] = {
        { DNNL_ARG_SRC_LAYER, x, 0.5f },
        { DNNL_ARG_SRC_ITER, state, 0.1f },
        { DNNL_ARG_SRC_ITER_C, state, 0.1f },
        { DNNL_ARG_BIAS, bias, 0.1f },
        { DNNL_ARG_DST_LAYER, y, 0.0f },
        { DNNL_ARG_DST_ITER, state, 0.0f },
        { DNNL_ARG_DST_ITER_C, state, 0.0f },
    }, in_diff[] = {
        { DNNL_ARG_DIFF_SRC_LAYER, x, 0.0f },
        { DNNL_ARG_DIFF_SRC_ITER, state, 0.0f },
        { DNNL_ARG_DIFF_SRC_ITER_C, state, 0.0f },
        { DNNL_ARG_DIFF_DST_LAYER, y, 1e-3f },
        { DNNL_ARG_DIFF_DST_ITER, state, 0.0f },
        { DNNL_ARG_DIFF_DST_ITER_C, state, 0.0f },
    }, sums[] = {
        { DNNL_ARG_DIFF_WEIGHTS_LAYER, g.diff_weights_layer_desc(), 0.0f },
        { DNNL_ARG_DIFF_WEIGHTS_ITER, g.diff_weights_iter_desc(), 0.0f },
        { DNNL_ARG_DIFF_BIAS, g.diff_bias_desc(), 0.0f },
    };
    for (const auto &i : in)
        fa[i.arg] = ga[i.arg] = make(i.d, e, i.value);
    for (const auto &i : in_diff)
        ga[i.arg] = make(i.d, e, i.value);
    for (const auto &i : sums)
        grads.push_back(ga[i.arg] = make(i.d, e, 0.0f));
    fa[DNNL_ARG_WORKSPACE] = ga[DNNL_ARG_WORKSPACE] =
        memory(f.workspace_desc(), e);
    fa[DNNL_ARG_WEIGHTS_LAYER] = make(f.weights_layer_desc(), e, 0.08f);
    fa[DNNL_ARG_WEIGHTS_ITER] = make(f.weights_iter_desc(), e, 0.08f);
    ga[DNNL_ARG_WEIGHTS_LAYER] = make(g.weights_layer_desc(), e, 0.08f);
    ga[DNNL_ARG_WEIGHTS_ITER] = make(g.weights_iter_desc(), e, 0.08f);

    dnnl::lstm_forward forward(f);
    dnnl::lstm_backward backward(g);
    auto pass = [&] {
        for (auto &m : grads)
            memset(m.get_data_handle(), 0, m.get_desc().get_size());
        forward.execute(s, fa);
        backward.execute(s, ga);
        s.wait();
    };
    pass();
    for (int times = 1;; times *= 2) {
        double start = now();

        for (int i = 0; i < times; i++)
            pass();
        if (now() - start < 0.15)
            continue;
        const dnnl_version_t *v = dnnl_version();
        printf("{\"peer\":\"oneDNN %d.%d.%d\",\"impl\":\"%s\","
               "\"seconds\":%.4g}\n", v->major, v->minor, v->patch,
               f.impl_info_str(), (now() - start) / times);
        return 0;
    }
}
