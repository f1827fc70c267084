using MadgNet.Core.Inference;

namespace MadgNet.Onnx.Hosting;

/// <summary>How a host predicts with one network. Set in code, or bound to a section of the configuration.</summary>
public sealed class HostedPredictorOptions
{
    /// <summary>
    /// How many images are predicted at once, 1 or more; the others wait. Default 1: one run of the network spreads over all cores. More
    /// gives more images a second where they are small, and takes the memory of as many.
    /// </summary>
    public int MaximumConcurrency { get; set; } = 1;

    /// <summary>
    /// How many images may wait beside those that are predicted, 0 or more; one more gets a <see cref="PredictorBusyException"/>.
    /// Default 16.
    /// </summary>
    public int MaximumQueue { get; set; } = 16;

    /// <summary>How long the predictor waits for runs to end when the host stops, above zero. Default 30 seconds.</summary>
    public TimeSpan StopLimit { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How images are predicted: threshold, size, tiles, views, post-processing and the reader of files.</summary>
    public PredictorOptions Predictor { get; set; } = new();

    /// <summary>
    /// How an ONNX file is run. Where <see cref="OnnxRuntimeOptions.Threads"/> is 0 and several images are predicted at once, the cores are
    /// divided among them.
    /// </summary>
    public OnnxRuntimeOptions Runtime { get; set; } = new();

    /// <summary>Everything that is wrong with these options; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        Least(problems, nameof(MaximumConcurrency), MaximumConcurrency, 1);
        Least(problems, nameof(MaximumQueue), MaximumQueue, 0);
        if (StopLimit <= TimeSpan.Zero)
        {
            problems.Add(new Problem(nameof(StopLimit), $"{StopLimit}", "a time above zero", "Use 30 seconds"));
        }

        if (Predictor is null || Runtime is null)
        {
            problems.Add(new Problem(
                Predictor is null ? nameof(Predictor) : nameof(Runtime), "null", "a value", "Leave the default or set a value"));
            return problems;
        }

        problems.AddRange(Predictor.Validate().Select(problem => problem with { Subject = $"{nameof(Predictor)}.{problem.Subject}" }));
        problems.AddRange(Runtime.Validate().Select(problem => problem with { Subject = $"{nameof(Runtime)}.{problem.Subject}" }));
        return problems;
    }

    /// <summary>The runtime's options with the cores divided among what runs at once.</summary>
    internal OnnxRuntimeOptions SharedRuntime() => Runtime.Threads == 0 && MaximumConcurrency > 1
        ? Runtime with { Threads = Math.Max(1, Environment.ProcessorCount / MaximumConcurrency), Spinning = false }
        : Runtime;

    private static void Least(List<Problem> problems, string name, int value, int least)
    {
        if (value < least)
        {
            problems.Add(new Problem(name, $"{value}", $"{least} or more", $"Use {least} or more"));
        }
    }
}
