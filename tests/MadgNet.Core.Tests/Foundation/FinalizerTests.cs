using MadgNet.Core.Losses;
using MadgNet.Core.Models;
using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Decoding;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Foundation;

/// <summary>
/// TorchSharp frees what it made inside by finalizers. Steps that run while another thread collects all the time must not
/// notice: a scalar that nothing holds would be freed while libtorch reads it.
/// </summary>
/// <remarks>Not in parallel with other tests: their own arithmetic makes such scalars, and would be hit.</remarks>
[Collection(nameof(FinalizerTests))]
[CollectionDefinition(nameof(FinalizerTests), DisableParallelization = true)]
public class FinalizerTests
{
    private const int Steps = 60;

    [Fact]
    public void Training_steps_are_the_same_bit_for_bit_while_finalizers_run()
    {
        using var scope = NewDisposeScope();
        byte[] quiet = Run();
        using var collecting = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!collecting.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        })
        {
            IsBackground = true,
        };
        collector.Start();
        try
        {
            Assert.Equal(quiet, Run());
        }
        finally
        {
            collecting.Cancel();
            collector.Join();
        }
    }

    /// <summary>Every loss, every block and both sub-decoders, forwards and backwards; all weights and losses as bytes.</summary>
    private static byte[] Run()
    {
        using var scope = NewDisposeScope();
        var bytes = new List<byte>();
        using MadgNetModel ensemble = TinyModel.Create();
        using MadgNetModel parallel = TinyModel.Create(options: TinyModel.Options with { SubDecoder = SubDecoderKind.Parallel });
        using var splits = new SplitAttention(4, 4);
        WeightInitialization.Apply(splits, 1);
        var loss = new DeepSupervisionLoss();
        SegmentationLoss[] losses = [.. LossCatalogue.Names.Select(name => LossCatalogue.Create(name))];
        using Scalar rate = (-0.01).ToScalar();
        for (int step = 0; step < Steps; step++)
        {
            using var inner = NewDisposeScope();
            Tensor image = FixtureRule.Tensor($"image{step}", [2, 3, 16, 16], 0, 1);
            Tensor target = FixtureRule.Tensor($"target{step}", [2, 1, 16, 16], 0, 1).round();
            var targets = new TaskMaps(target, target, target);
            foreach (MadgNetModel model in (MadgNetModel[])[ensemble, parallel])
            {
                MadgNetOutput output = model.call(image);
                DeepSupervisionResult result = loss.Compute(output.Stages, targets);
                result.Total.backward();
                bytes.AddRange(result.Total.bytes);
                Descend(model, rate);
            }

            Tensor logits = FixtureRule.Tensor($"logits{step}", [2, 1, 16, 16], -2, 2).requires_grad_();
            foreach (SegmentationLoss each in losses)
            {
                Tensor value = each.Compute(logits, target);
                value.backward();
                bytes.AddRange(value.bytes);
            }

            using (no_grad())
            {
                bytes.AddRange(splits.call(FixtureRule.Tensor($"features{step}", [2, 4, 8, 8], -1, 1)).bytes);
            }
        }

        foreach (Tensor value in (IEnumerable<Tensor>)[.. ensemble.state_dict().Values, .. parallel.state_dict().Values])
        {
            bytes.AddRange(value.bytes);
        }

        return [.. bytes];
    }

    private static void Descend(MadgNetModel model, Scalar rate)
    {
        using var noGrad = no_grad();
        foreach (TorchSharp.Modules.Parameter parameter in model.parameters())
        {
            using Tensor gradient = parameter.grad!;
            parameter.add_(gradient, rate);
            gradient.zero_();
        }
    }
}
