using MadgNet.Core.Runtime;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TorchSharp;

namespace MadgNet.Core.Data;

/// <summary>How a <see cref="BatchLoader"/> makes batches.</summary>
public sealed record BatchLoaderOptions
{
    /// <summary>Samples in a batch, at least 1; default 16, as published.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>What is done to each sample; null for nothing.</summary>
    public SegmentationTransform? Transform { get; init; }

    /// <summary>Whether the order changes from epoch to epoch; default true. Leave it off for validation.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>Whether a last batch that is not full is left out; default false.</summary>
    public bool DropLast { get; init; }

    /// <summary>The seed that order and augmentation follow from, together with the epoch; default 0.</summary>
    public long Seed { get; init; }

    /// <summary>
    /// Threads that load samples; 0 loads in the thread that asks for batches. Batches are the same, bit for bit, whatever
    /// the number. Default: half the processors, 1 … 8.
    /// </summary>
    public int Workers { get; init; } = Math.Clamp(Environment.ProcessorCount / 2, 1, 8);

    /// <summary>Batches that are held ready beyond the current one, at least 1; bounds the memory that workers use. Default 2.</summary>
    public int PrefetchBatches { get; init; } = 2;

    /// <summary>
    /// Bytes that decoded samples may be kept in from epoch to epoch; 0 (the default) keeps none. Samples are kept before
    /// transforms and without loss, 8-bit images in one byte a value.
    /// </summary>
    public long CacheBytes { get; init; }

    /// <summary>What is done with a sample that cannot be loaded; default <see cref="LoadErrorPolicy.Stop"/>.</summary>
    public LoadErrorPolicy ErrorPolicy { get; init; } = LoadErrorPolicy.Stop;

    /// <summary>Told of every sample that is skipped, in the thread that asks for batches; null for nobody.</summary>
    public IProgress<DataLoadException>? Failures { get; init; }

    /// <summary>
    /// Factors by which whole batches are resized, one chosen per batch: multi-scale training. Which one follows from the seed,
    /// the epoch and the batch's number; sizes are rounded to multiples of <see cref="ScaleMultiple"/>. Image and mask are
    /// resized (antialiased bilinear), and the targets are made from the resized mask, so that distances and boundaries are
    /// those of the new size. Empty (the default) leaves the size alone; common is 0.75, 1, 1.25.
    /// </summary>
    public IReadOnlyList<double> Scales { get; init; } = [];

    /// <summary>What the sizes of <see cref="Scales"/> are multiples of: the model's stride. At least 1; default 32.</summary>
    public int ScaleMultiple { get; init; } = 32;

    /// <summary>Where batches end up; default the CPU. For CUDA they pass through pinned memory and are copied asynchronously.</summary>
    public torch.Device Device { get; init; } = Cpu();

    /// <summary>Where skipped samples are logged; default nowhere.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Everything that is wrong with these options.</summary>
    /// <returns>The problems; empty when nothing is.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        Guard.Range(problems, nameof(BatchSize), BatchSize, 1, remedy: "Use 16 for the published recipe");
        Guard.Range(problems, nameof(Workers), Workers, 0, 256, "Use 0 to load in the calling thread");
        Guard.Range(problems, nameof(PrefetchBatches), PrefetchBatches, 1, remedy: "Use 2 unless memory is short");
        Guard.Range(problems, nameof(CacheBytes), CacheBytes, 0, remedy: "Use 0 to keep nothing");
        Guard.Range(
            problems, nameof(ScaleMultiple), ScaleMultiple, 1, remedy: "Use the model's Stride, 32 for the encoders of this library");
        problems.AddRange(Problem.Undefined(nameof(ErrorPolicy), ErrorPolicy));
        if (Scales is null)
        {
            problems.Add(new Problem(nameof(Scales), "null", "a list", "Use [] to leave the size alone"));
        }

        foreach (double scale in (Scales ?? []).Where(scale => !(scale > 0 && scale <= 16)))
        {
            problems.Add(new Problem(
                nameof(Scales), FormattableString.Invariant($"{scale}"), "above 0, at most 16", "Use for example 0.75, 1 and 1.25"));
        }

        if (Device is null || Logger is null)
        {
            problems.Add(new Problem("options", "null for Device or Logger", "a value", "Leave the defaults or set a value"));
        }

        return problems;
    }

    private static torch.Device Cpu()
    {
        NativeRuntime.EnsureAvailable();
        return torch.CPU;
    }
}
