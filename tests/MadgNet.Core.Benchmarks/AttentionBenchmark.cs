using MadgNet.Core.Benchmarks.Published;
using MadgNet.Core.Modules.Attention;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Benchmarks;

/// <summary>
/// Multi-frequency channel attention alone, forwards and backwards, at the sizes of the published network's four stages for
/// two images of 352×352, against the published form of sixteen whole feature maps.
/// </summary>
internal sealed class AttentionBenchmark : IBench
{
    private const int Rounds = 41;
    private const int WarmUp = 10;
    private static readonly (long Channels, int DctSize, long Side)[] Stages = [(256, 14, 22), (128, 28, 44), (64, 56, 88), (32, 112, 176)];

    public string Name => "mfca";

    public string Summary => "Multi-frequency channel attention, forwards and backwards, against the published form.";

    public void Run(TextWriter output, CancellationToken cancellationToken)
    {
        if (Child.Part is { } part)
        {
            output.WriteLine(Measuring.Text($"{Memory(part == "port"):F1}"));
            return;
        }

        using DisposeScope scope = NewDisposeScope();
        nn.Module<Tensor, Tensor>[] port = Create(published: true);
        nn.Module<Tensor, Tensor>[] own = Create(published: false);
        Tensor[] inputs = Inputs(2);
        Tensor[] gradients = [.. inputs.Select(input => rand(input.shape))];
        double[] times = Measuring.Interleaved(
            Rounds, [() => Step(port, inputs, gradients), () => Step(own, inputs, gradients)], cancellationToken, WarmUp);
        double portMemory = Child.Run(Name, "port").Values[0];
        double ownMemory = Child.Run(Name, "own").Values[0];
        output.WriteLine(Measuring.Text(
            $"four stages, batch 2, medians of {Rounds} rounds: port {times[0]:F1} ms, library {times[1]:F1} ms"));
        output.WriteLine(Measuring.Text($"memory above inputs and outputs, batch 8: port {portMemory:F0} MB, library {ownMemory:F0} MB"));
        output.WriteLine(Measuring.Text($"bench mfca speed: {times[0] / times[1]:F2}x"));
        output.WriteLine(Measuring.Text($"bench mfca memory: {ownMemory / portMemory:F2}x"));
    }

    private static nn.Module<Tensor, Tensor>[] Create(bool published) =>
        [.. Stages.Select(stage => published
            ? (nn.Module<Tensor, Tensor>)new FrequencyAttention(stage.Channels, stage.DctSize)
            : new MultiFrequencyChannelAttention(stage.Channels, stage.DctSize))];

    private static Tensor[] Inputs(int batch) =>
        [.. Stages.Select(stage => rand([batch, stage.Channels, stage.Side, stage.Side], requires_grad: true))];

    private static void Step(nn.Module<Tensor, Tensor>[] attention, Tensor[] inputs, Tensor[] gradients)
    {
        for (int i = 0; i < attention.Length; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            attention[i].call(inputs[i]).backward([gradients[i]]);
            inputs[i].grad = null;
        }
    }

    /// <summary>What the largest of the four keeps between its forward and its backward pass, in MB, without its output.</summary>
    private static double Memory(bool published)
    {
        using DisposeScope scope = NewDisposeScope();
        nn.Module<Tensor, Tensor> attention = Create(published)[^1];
        Tensor input = Inputs(8)[^1];
        Tensor small = rand([1, 32, 176, 176], requires_grad: true);
        attention.call(small).sum().backward();
        double before = Child.Resident();
        Tensor output = attention.call(input);
        return Child.Resident() - before - (output.numel() * sizeof(float) / (double)(1 << 20));
    }
}
