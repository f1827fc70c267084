using MadgNet.Core.Losses;
using MadgNet.Core.Models;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training.Precision;
using Microsoft.Extensions.Logging;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using MemoryLayout = MadgNet.Core.Training.Precision.MemoryLayout;

namespace MadgNet.Core.Tests.Training.Precision;

public class PrecisionPlanTests
{
    private static readonly PrecisionPlan.Machine Nothing = new(false, false, null);
    private static readonly PrecisionPlan.Machine Plain = new(true, false, null);
    private static readonly PrecisionPlan.Machine Modern = new(true, true, null);
    private static readonly PrecisionPlan.Machine Turing = new(true, true, (7, 5));
    private static readonly PrecisionPlan.Machine Ampere = new(true, true, (8, 0));

    private static readonly Dictionary<string, PrecisionPlan.Machine> Machines = new()
    {
        [nameof(Nothing)] = Nothing,
        [nameof(Plain)] = Plain,
        [nameof(Modern)] = Modern,
        [nameof(Turing)] = Turing,
        [nameof(Ampere)] = Ampere,
    };

    [Theory]
    [InlineData(TrainingPrecision.Auto, "cpu", nameof(Modern), TrainingPrecision.BFloat16, false)]
    [InlineData(TrainingPrecision.Auto, "cpu", nameof(Plain), TrainingPrecision.Float32, false)]
    [InlineData(TrainingPrecision.Auto, "cpu", nameof(Nothing), TrainingPrecision.Float32, false)]
    [InlineData(TrainingPrecision.Float32, "cpu", nameof(Modern), TrainingPrecision.Float32, false)]
    [InlineData(TrainingPrecision.BFloat16, "cpu", nameof(Modern), TrainingPrecision.BFloat16, false)]
    [InlineData(TrainingPrecision.BFloat16, "cpu", nameof(Plain), TrainingPrecision.BFloat16, true)]
    [InlineData(TrainingPrecision.BFloat16, "cpu", nameof(Nothing), TrainingPrecision.Float32, true)]
    [InlineData(TrainingPrecision.Float16, "cpu", nameof(Modern), TrainingPrecision.BFloat16, true)]
    [InlineData(TrainingPrecision.Float16, "cpu", nameof(Plain), TrainingPrecision.Float32, true)]
    [InlineData(TrainingPrecision.Auto, "cuda", nameof(Ampere), TrainingPrecision.BFloat16, false)]
    [InlineData(TrainingPrecision.Auto, "cuda", nameof(Turing), TrainingPrecision.Float32, false)]
    [InlineData(TrainingPrecision.Auto, "cuda", nameof(Plain), TrainingPrecision.Float32, false)]
    [InlineData(TrainingPrecision.BFloat16, "cuda", nameof(Plain), TrainingPrecision.BFloat16, false)]
    [InlineData(TrainingPrecision.BFloat16, "cuda", nameof(Turing), TrainingPrecision.Float32, true)]
    [InlineData(TrainingPrecision.Float16, "cuda", nameof(Turing), TrainingPrecision.Float16, false)]
    [InlineData(TrainingPrecision.Auto, "mps", nameof(Modern), TrainingPrecision.Float32, false)]
    [InlineData(TrainingPrecision.BFloat16, "mps", nameof(Modern), TrainingPrecision.Float32, true)]
    public void The_precision_follows_from_wish_and_machine(
        TrainingPrecision asked, string device, string machine, TrainingPrecision expected, bool warns)
    {
        var logger = new Lines();
        PrecisionPlan plan = PrecisionPlan.Choose(asked, MemoryLayout.Auto, new Device(device), logger, Machines[machine]);
        Assert.Equal(expected, plan.Precision);
        Assert.Equal(warns ? 1 : 0, plan.Warnings.Count);
        Assert.Equal(expected == TrainingPrecision.Float16, plan.NeedsLossScaling);
        Assert.Equal(
            warns ? [LogLevel.Warning, LogLevel.Information] : [LogLevel.Information], logger.Entries.Select(entry => entry.Level));
        Assert.Contains(plan.Describe(), logger.Entries[^1].Text, StringComparison.Ordinal);
        Assert.NotEqual(MemoryLayout.Auto, plan.Layout);
    }

    [Fact]
    public void What_is_in_effect_is_described()
    {
        Assert.Equal("float32, contiguous", Plan(TrainingPrecision.Float32, MemoryLayout.Contiguous).Describe());
        Assert.Equal("bfloat16 autocast, channels_last", Plan(TrainingPrecision.BFloat16, MemoryLayout.ChannelsLast).ToString());
        Assert.Equal(
            "float16 autocast with loss scaling, contiguous",
            PrecisionPlan.Choose(TrainingPrecision.Float16, MemoryLayout.Contiguous, new Device("cuda"), null, Turing).Describe());
    }

    [Fact]
    public void This_machine_gets_a_plan_whatever_is_asked_for()
    {
        foreach (TrainingPrecision precision in Enum.GetValues<TrainingPrecision>())
        {
            foreach (MemoryLayout layout in Enum.GetValues<MemoryLayout>())
            {
                PrecisionPlan plan = PrecisionPlan.Choose(precision, layout, CPU);
                using var scope = NewDisposeScope();
                Tensor matrix = ones(2, 2);
                using (plan.Enter())
                {
                    Assert.Equal(
                        plan.Precision == TrainingPrecision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32,
                        matmul(matrix, matrix).dtype);
                }

                Assert.Equal(ScalarType.Float32, matmul(matrix, matrix).dtype);
            }
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => PrecisionPlan.Choose((TrainingPrecision)9, MemoryLayout.Auto, CPU));
        Assert.Throws<ArgumentOutOfRangeException>(() => PrecisionPlan.Choose(TrainingPrecision.Auto, (MemoryLayout)9, CPU));
        Assert.Throws<ArgumentNullException>(() => PrecisionPlan.Choose(TrainingPrecision.Auto, MemoryLayout.Auto, null!));
    }

    [Theory]
    [InlineData(TrainingPrecision.BFloat16, MemoryLayout.Contiguous)]
    [InlineData(TrainingPrecision.BFloat16, MemoryLayout.ChannelsLast)]
    [InlineData(TrainingPrecision.Float32, MemoryLayout.ChannelsLast)]
    public void A_step_comes_near_that_of_float32(TrainingPrecision precision, MemoryLayout layout)
    {
        // bfloat16 has 8 bits of mantissa, and batch normalisation over the few pixels of a tiny network enlarges what they leave out.
        (double lossTolerance, double tolerance) = precision == TrainingPrecision.Float32 ? (1e-5, 1e-4) : (0.02, 0.4);
        (double expectedLoss, Dictionary<string, Tensor> expected) = Step(Plan(TrainingPrecision.Float32, MemoryLayout.Contiguous));
        (double loss, Dictionary<string, Tensor> gradients) = Step(Plan(precision, layout));
        try
        {
            Assert.Equal(expectedLoss, loss, expectedLoss * lossTolerance);

            // Together: a single gradient may be next to nothing, and then bfloat16 says little about it.
            using var scope = NewDisposeScope();
            Tensor all = cat([.. expected.Values.Select(value => value.flatten())]);
            Tensor actual = cat([.. expected.Keys.Select(name => gradients[name].flatten())]);
            Assert.Equal(ScalarType.Float32, actual.dtype);
            double difference = (actual - all).norm().item<float>() / all.norm().item<float>();
            Assert.True(difference <= tolerance, $"gradients differ by {difference:G3} of their norm");
        }
        finally
        {
            foreach (Tensor tensor in expected.Values.Concat(gradients.Values))
            {
                tensor.Dispose();
            }
        }
    }

    [Fact]
    public void Channels_last_keeps_the_parameters_their_values_and_their_gradients()
    {
        using MadgNetModel model = TinyModel.Create();
        using MadgNetModel reference = TinyModel.Create();
        using var scope = NewDisposeScope();
        foreach (Parameter parameter in model.parameters())
        {
            parameter.grad = ones_like(parameter);
        }

        IntPtr[] handles = [.. model.parameters().Select(parameter => parameter.Handle)];
        PrecisionPlan plan = Plan(TrainingPrecision.Float32, MemoryLayout.ChannelsLast);
        plan.Prepare(model);
        plan.Prepare(model);
        Assert.Equal(handles, model.parameters().Select(parameter => parameter.Handle));
        Assert.Contains(model.parameters(), parameter => !parameter.is_contiguous());
        foreach ((string name, Tensor expected) in reference.state_dict())
        {
            Bits.Equal(expected, model.state_dict()[name], name);
        }

        Assert.All(model.parameters(), parameter =>
        {
            Assert.True(parameter.requires_grad);
            Assert.Equal(parameter.stride(), parameter.grad!.stride());
        });
        Plan(TrainingPrecision.Float32, MemoryLayout.Contiguous).Prepare(model);
        Assert.All(model.parameters(), parameter => Assert.True(parameter.is_contiguous()));
    }

    [Fact]
    public void A_channels_last_model_saves_and_loads_as_any_other()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = TinyModel.Create(seed: 4);
        using MadgNetModel plain = TinyModel.Create(seed: 4);
        using MadgNetModel other = TinyModel.Create(seed: 5);
        PrecisionPlan plan = Plan(TrainingPrecision.Float32, MemoryLayout.ChannelsLast);
        plan.Prepare(model);
        plan.Prepare(other);
        model.Save(folder.File("last.safetensors"));
        plain.Save(folder.File("plain.safetensors"));
        Assert.Equal(File.ReadAllBytes(folder.File("plain.safetensors")), File.ReadAllBytes(folder.File("last.safetensors")));
        other.LoadWeights(folder.File("plain.safetensors"));
        Assert.Contains(other.parameters(), parameter => !parameter.is_contiguous());
        foreach ((string name, Tensor expected) in plain.state_dict())
        {
            Bits.Equal(expected, other.state_dict()[name], name);
        }
    }

    [Fact]
    public void Images_are_laid_out_without_touching_the_callers()
    {
        using var scope = NewDisposeScope();
        Tensor images = FixtureRule.Tensor("images", [2, 3, 8, 6], 0, 1);
        Tensor last = Plan(TrainingPrecision.Float32, MemoryLayout.ChannelsLast).Arrange(images);
        Assert.Equal([144L, 1, 18, 3], last.stride());
        Bits.Equal(images, last, "laid out");
        Tensor back = Plan(TrainingPrecision.Float32, MemoryLayout.Contiguous).Arrange(last);
        Assert.True(back.is_contiguous());
        Bits.Equal(images, back, "images");
        Tensor same = Plan(TrainingPrecision.Float32, MemoryLayout.Contiguous).Arrange(images);
        Assert.NotSame(images, same);
        same.Dispose();
        Assert.False(images.IsInvalid);
        using MadgNetModel model = TinyModel.Create();
        TensorLeak.None(() =>
        {
            using Tensor one = Plan(TrainingPrecision.Float32, MemoryLayout.ChannelsLast).Arrange(images);
            using Tensor two = Plan(TrainingPrecision.Float32, MemoryLayout.Contiguous).Arrange(one);
            Plan(TrainingPrecision.Float32, MemoryLayout.ChannelsLast).Prepare(model);
            Plan(TrainingPrecision.Float32, MemoryLayout.Contiguous).Prepare(model);
        });
    }

    private static PrecisionPlan Plan(TrainingPrecision precision, MemoryLayout layout) =>
        PrecisionPlan.Choose(precision, layout, CPU, null, Modern);

    /// <summary>The loss and the gradients of one step of a tiny network.</summary>
    private static (double Loss, Dictionary<string, Tensor> Gradients) Step(PrecisionPlan plan)
    {
        using MadgNetModel model = TinyModel.Create();
        model.train();
        plan.Prepare(model);
        using var scope = NewDisposeScope();
        Tensor images = plan.Arrange(FixtureRule.Tensor("images", [2, 3, 32, 32], 0, 1));
        Tensor mask = FixtureRule.Tensor("mask", [2, 1, 32, 32], -1, 1).gt(0).to(ScalarType.Float32);
        SegmentationOutput output;
        using (plan.Enter())
        {
            output = model.call(images);
        }

        DeepSupervisionResult loss = new DeepSupervisionLoss().Compute(output.Stages, new TaskMaps(mask, mask.clone(), mask.clone()));
        Assert.Equal(ScalarType.Float32, loss.Total.dtype);
        loss.Total.backward();
        var gradients = new Dictionary<string, Tensor>();
        foreach ((string name, Parameter parameter) in model.named_parameters())
        {
            if (parameter.grad is { } gradient)
            {
                gradients.Add(name, gradient.clone().DetachFromDisposeScope());
            }
        }

        return (loss.Total.item<float>(), gradients);
    }

    private sealed class Lines : ILogger
    {
        public List<(LogLevel Level, string Text)> Entries { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Entries.Add((logLevel, formatter(state, exception)));
    }
}
