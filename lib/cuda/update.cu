/*
 * update.cu - clipping, divergence and update rules (docs/numerics.md,
 * sections 10 and 12).  A net's numbers are in `now`; each launch of update()
 * has the weights of one rate.
 */
FUNCTION const float *
rule_of(const struct work &w)
{
    return (const float *)w.now + NOW_RULES +
           (size_t)blockIdx.z * (size_t)w.now[NOW_RULE_WORDS];
}

/* The gradient as m and v see it: its square is 0 or at least 2^-100. */
FUNCTION float
felt(float d)
{
    return fabsf(d) < 0x1p-50f ? 0.0f : d;
}

/* A mean square that decays. */
FUNCTION float
lasting(float v)
{
    return fabsf(v) < 0x1p-124f ? 0.0f : v;
}

/* Elements that are NaN or too large; then each within the limit.  a: P. */
KERNEL
check(struct work w)
{
    float *const *at = planes_of(w);
    int i = thread_number();
    float c, x;

    if (!at || i >= w.a)
        return;
    x = at[PLANE_GRADIENT][i];
    if (!(fabsf(x) <= GRADIENT_LIMIT))
        atomicOr((int *)((double *)at[PLANE_OUTCOME] + OUT_BAD), 1);
    c = rule_of(w)[RULE_CUT];
    x = x < -c ? -c : x;
    at[PLANE_GRADIENT][i] = x > c ? c : x;
}

/* Squares in segments of the norm, 16 threads each.  a: P. */
KERNEL
squares(struct work w)
{
    float *const *at = planes_of(w);
    int lane = (int)threadIdx.x % PARTIALS, y = (int)threadIdx.x / PARTIALS;
    int s = (int)blockIdx.x * PLACES_A_CTA + y, end;
    double *part = (double *)shared_memory() + y * PARTIALS, c = 0;

    if (!at)
        return;
    end = (s + 1) * NORM_SEGMENT < w.a ? (s + 1) * NORM_SEGMENT : w.a;
    for (int i = s * NORM_SEGMENT + lane; i < end; i += PARTIALS) {
        double g = (double)at[PLANE_GRADIENT][i];

        c = c + g * g;
    }
    part[lane] = c;
    fold(part, lane);
    if (lane == 0 && s * NORM_SEGMENT < w.a)
        ((double *)at[PLANE_SQUARES])[s] = part[0];
}

/* Has the net diverged?  If not, what its gradient is scaled by.  a: P; b: the
 * squares were made. */
KERNEL
judge(struct work w)
{
    float *const *at = planes_of(w);
    double *out, sum = 0, norm, most, loss;
    const int *words;

    if (!at || thread_number())
        return;
    words = (const int *)rule_of(w) + RULE_NORM;
    most = __longlong_as_double((long long)((uint64_t)(uint32_t)words[0] |
                                            (uint64_t)(uint32_t)words[1]
                                                << 32));
    out = (double *)at[PLANE_OUTCOME];
    loss = out[OUT_LOSS];
    out[OUT_DIVERGED] = *(const int *)(out + OUT_BAD) || !(loss - loss == 0);
    out[OUT_SCALE] = 1;
    if (!w.b || !(most > 0))
        return;
    for (int s = 0; s * NORM_SEGMENT < w.a; s++)
        sum = sum + ((const double *)at[PLANE_SQUARES])[s];
    norm = sqrt(sum);
    if (norm > most)
        out[OUT_SCALE] = (double)(float)(most / norm);
}

/* a: first weight, b: how many; c: number of their rate; d: the rule. */
KERNEL
update(struct work w)
{
    float *const *at = planes_of(w);
    int i = thread_number();
    const float *u, *r;
    const double *out;
    float g, x, d, decay, lr, m, v;

    if (!at || i >= w.b)
        return;
    out = (const double *)at[PLANE_OUTCOME];
    if (out[OUT_DIVERGED] != 0)
        return;
    u = rule_of(w);
    r = u + RULE_RATES + RATE_WORDS * w.c;
    i += w.a;
    g = at[PLANE_GRADIENT][i] * (float)out[OUT_SCALE];
    x = at[PLANE_WEIGHTS][i];
    decay = u[RULE_DECAY];
    lr = r[RATE_LR];
    switch (w.d) {
    case UPDATE_SGD:
        d = g + decay * x;
        x = x - lr * d;
        break;
    case UPDATE_MOMENTUM:
    case UPDATE_NESTEROV:
        d = felt(g + decay * x);
        m = trim(u[RULE_MU] * at[PLANE_M][i] + d);
        at[PLANE_M][i] = m;
        x = x - lr * (w.d == UPDATE_NESTEROV ? d + u[RULE_MU] * m : m);
        break;
    case UPDATE_ADAGRAD:
        d = felt(g + decay * x);
        v = at[PLANE_V][i] + d * d;
        at[PLANE_V][i] = v;
        x = x - lr * d / (sqrtf(v + u[RULE_IN]) + u[RULE_OUT]);
        break;
    case UPDATE_RMSPROP:
    case UPDATE_RMSPROP_MOMENTUM:
        d = felt(g + decay * x);
        v = lasting(u[RULE_ALPHA] * at[PLANE_V][i] + u[RULE_REST] * (d * d));
        at[PLANE_V][i] = v;
        d = d / (sqrtf(v + u[RULE_IN]) + u[RULE_OUT]);
        if (w.d == UPDATE_RMSPROP_MOMENTUM) {
            d = trim(u[RULE_MU] * at[PLANE_M][i] + d);
            at[PLANE_M][i] = d;
        }
        x = x - lr * d;
        break;
    default:                                      /* adam, adamw */
        x = x - r[RATE_SHRINK] * x;
        d = felt(g + decay * x);
        m = trim(u[RULE_BETA1] * at[PLANE_M][i] + u[RULE_REST1] * d);
        v = lasting(u[RULE_BETA2] * at[PLANE_V][i] +
                    u[RULE_REST2] * (d * d));
        at[PLANE_M][i] = m;
        at[PLANE_V][i] = v;
        x = x - r[RATE_STEP] * (m / (sqrtf(v) / u[RULE_ROOT] +
                                     u[RULE_OUT]));
    }
    at[PLANE_WEIGHTS][i] = x;
}
