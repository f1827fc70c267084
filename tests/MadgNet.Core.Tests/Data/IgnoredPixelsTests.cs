using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Imaging;
using MadgNet.Core.Losses;
using MadgNet.Core.Metrics;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Data;

/// <summary>Pixels that count for nothing: from the mask's values through transforms and batches to loss and metrics.</summary>
public sealed class IgnoredPixelsTests
{
    [Fact]
    public void Transforms_move_them_with_the_masks()
    {
        Sample sample = Create();
        Sample flipped = sample.Transformed(each => new HorizontalFlip { Probability = 1 }.Apply(each, new Random(1)));
        Assert.Single(flipped.Masks);
        Assert.Equal(
            Enumerable.Range(0, 8).Select(x => sample.Ignored![0, 3, 7 - x]),
            Enumerable.Range(0, 8).Select(x => flipped.Ignored![0, 3, x]));
        Sample small = sample.AtSize(4, 4);
        Assert.All(small.Ignored!.Data.ToArray(), value => Assert.True(value is 0 or 1));
        Assert.Equal(1, small.Ignored![0, 1, 0]);
        Assert.Equal(0, small.Ignored![0, 1, 3]);
    }

    [Fact]
    public void A_batch_and_the_loss_leave_them_out()
    {
        var dataset = new InMemoryDataset([Create("a"), Create("b", ignored: false)], ["x"]);
        var loader = new BatchLoader(dataset, new BatchLoaderOptions { BatchSize = 2, Shuffle = false, CacheBytes = 1 << 20 });
        foreach (int epoch in (int[])[0, 1])
        {
            foreach (Batch batch in loader.Epoch(epoch))
            {
                using (batch)
                using (NewDisposeScope())
                {
                    Assert.Equal([2, 1, 8, 8], batch.Ignored!.shape);
                    Assert.Equal(16, batch.Ignored[0].sum().item<float>());
                    Assert.Equal(0, batch.Ignored[1].sum().item<float>());
                    var loss = new BinaryCrossEntropyLoss();
                    Tensor logits = batch.Targets.Region.mul(8).sub(4);
                    Tensor wrong = logits.where(batch.Ignored.expand_as(logits).eq(0), logits.neg());
                    Assert.Equal(
                        loss.Compute(logits, batch.Targets.Region, batch.Ignored).item<float>(),
                        loss.Compute(wrong, batch.Targets.Region, batch.Ignored).item<float>(),
                        1e-6f);
                    Assert.NotEqual(
                        loss.Compute(logits, batch.Targets.Region).item<float>(),
                        loss.Compute(wrong, batch.Targets.Region).item<float>(),
                        1e-3f);
                }
            }
        }
    }

    [Fact]
    public void Metrics_are_those_of_the_other_pixels()
    {
        var random = new Random(3);
        var probability = new FloatImage(1, 8, 8);
        var truth = new FloatImage(1, 8, 8);
        for (int i = 0; i < 64; i++)
        {
            probability.Data[i] = random.NextSingle();
            truth.Data[i] = random.Next(2);
        }

        FloatImage ignored = Create().Ignored!;
        FloatImage keptProbability = Kept(probability, ignored);
        FloatImage keptTruth = Kept(truth, ignored);
        var evaluator = new Evaluator(new EvaluatorOptions());
        EvaluationReport with = evaluator.Evaluate([new EvaluationCase("a", probability, [truth], ignored)]);
        EvaluationReport without = evaluator.Evaluate([new EvaluationCase("a", keptProbability, [keptTruth])]);
        foreach (Metric metric in (Metric[])[
            Metric.Dice, Metric.IntersectionOverUnion, Metric.Accuracy, Metric.Specificity, Metric.MatthewsCorrelation,
            Metric.MeanAbsoluteError, Metric.RocAuc, Metric.AveragePrecision, Metric.BrierScore, Metric.MaxFMeasure])
        {
            Assert.Equal(without.Summarize(metric).Mean, with.Summarize(metric).Mean, 1e-9);
        }

        FloatImage all = new(1, 8, 8);
        all.Data.Fill(1);
        Assert.Throws<EvaluationException>(() => evaluator.Evaluate([new EvaluationCase("a", probability, [truth], all)]));
        Assert.Throws<InvalidMapException>(() => new EvaluationCase("a", probability, [truth], new FloatImage(1, 4, 8)));
    }

    [Fact]
    public void They_have_the_size_of_the_image() =>
        Assert.Throws<ArgumentException>(() => Create() with { Ignored = new FloatImage(1, 4, 8) });

    /// <summary>The left quarter of the image is ignored.</summary>
    private static Sample Create(string name = "case", bool ignored = true)
    {
        var plane = new FloatImage(1, 8, 8);
        for (int y = 0; y < 8; y++)
        {
            plane.Row(0, y)[..2].Fill(1);
        }

        return new Sample(name, Samples.Ramp(3, 8, 8), [Samples.Rectangle(8, 8, 1, 1, 5, 4)]) { Ignored = ignored ? plane : null };
    }

    private static FloatImage Kept(FloatImage map, FloatImage ignored)
    {
        float[] kept = [.. map.Data.ToArray().Where((_, i) => ignored.Data[i] == 0)];
        return new FloatImage(1, 8, kept.Length / 8, kept);
    }
}
