using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training.Optimization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using Optimizer = MadgNet.Core.Training.Optimization.Optimizer;
using OptimizerOptions = MadgNet.Core.Training.Optimization.OptimizerOptions;
using TorchOptimizer = TorchSharp.torch.optim.Optimizer;

namespace MadgNet.Core.Tests.Training.Optimization;

public class OptimizerTests
{
    private const double Rate = 1e-2;

    public static TheoryData<string> Kinds => [.. Pairs.Keys];

    private static Dictionary<string, (OptimizerOptions Options,
        Func<IEnumerable<Parameter>, TorchOptimizer> Oracle)> Pairs
    { get; } = new()
    {
        ["Adam"] = (new AdamOptions(), parameters => optim.Adam(parameters, Rate)),
        ["Adam with decay"] = (new AdamOptions { WeightDecay = 0.1, Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-6 },
            parameters => optim.Adam(parameters, Rate, 0.8, 0.95, 1e-6, 0.1)),
        ["AdamW"] = (new AdamWOptions { WeightDecay = 0.1 }, parameters => optim.AdamW(parameters, Rate, weight_decay: 0.1)),
        ["SGD"] = (new SgdOptions { Momentum = 0, Nesterov = false }, parameters => optim.SGD(parameters, Rate)),
        ["SGD with momentum and decay"] = (new SgdOptions { Nesterov = false, WeightDecay = 0.1 },
            parameters => optim.SGD(parameters, Rate, 0.9, weight_decay: 0.1)),
        ["SGD of Nesterov"] = (new SgdOptions { Momentum = 0.8, WeightDecay = 0.1 },
            parameters => optim.SGD(parameters, Rate, 0.8, weight_decay: 0.1, nesterov: true)),
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Steps_equal_those_of_PyTorch(string name)
    {
        using var ours = new Trainable();
        using var theirs = new Trainable();
        using Optimizer optimizer = Create(name, ours);
        using TorchOptimizer oracle = Pairs[name].Oracle(theirs.Parameters.Select(parameter => parameter.Value));
        for (int step = 0; step < 50; step++)
        {
            // The schedule's part: the rate changes on the way.
            double rate = Rate / (1 + (step / 10));
            oracle.ParamGroups.First().LearningRate = rate;
            ours.SetGradients(step);
            theirs.SetGradients(step);
            optimizer.Step(rate);
            oracle.step();
            // SGD gives the same bits on processors with fused multiply-add; Adam's are rounding apart.
            AssertClose(theirs, ours, 2e-6, $"step {step}");
        }

        Assert.Equal(50, optimizer.Steps);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Steps_by_tensor_operations_equal_those_of_PyTorch_in_double_precision(string name)
    {
        using var ours = new Trainable(ScalarType.Float64);
        using var theirs = new Trainable(ScalarType.Float64);
        using Optimizer optimizer = Create(name, ours);
        using TorchOptimizer oracle = Pairs[name].Oracle(theirs.Parameters.Select(parameter => parameter.Value));
        for (int step = 0; step < 20; step++)
        {
            ours.SetGradients(step);
            theirs.SetGradients(step);
            optimizer.Step(Rate);
            oracle.step();
        }

        AssertClose(theirs, ours, 1e-14, "20 steps");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_fused_pass_equals_double_precision(string name)
    {
        using var ours = new Trainable();
        using var exact = new Trainable(ScalarType.Float64);
        using Optimizer optimizer = Create(name, ours);
        using Optimizer oracle = Create(name, exact);
        for (int step = 0; step < 50; step++)
        {
            ours.SetGradients(step);
            exact.SetGradients(step);
            optimizer.Step(Rate);
            oracle.Step(Rate);
        }

        // Where gradient and decay nearly cancel each other, Adam divides rounding error by rounding error.
        AssertClose(exact, ours, 5e-5, "50 steps");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Bits_do_not_depend_on_the_number_of_threads(string name)
    {
        int threads = get_num_threads();
        try
        {
            using var one = new Trainable();
            using var many = new Trainable();
            using Optimizer first = Create(name, one);
            using Optimizer second = Create(name, many);
            for (int step = 0; step < 5; step++)
            {
                set_num_threads(1);
                one.SetGradients(step);
                first.Step(Rate);
                set_num_threads(7);
                many.SetGradients(step);
                second.Step(Rate);
            }

            AssertSame(one, many);
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_resumed_optimizer_goes_on_with_the_same_bits(string name)
    {
        using var whole = new Trainable();
        using Optimizer uninterrupted = Create(name, whole);
        using var before = new Trainable();
        using Optimizer interrupted = Create(name, before);
        using var folder = new TemporaryFolder();
        for (int step = 0; step < 9; step++)
        {
            whole.SetGradients(step);
            uninterrupted.Step(Rate);
        }

        for (int step = 0; step < 4; step++)
        {
            before.SetGradients(step);
            interrupted.Step(Rate);
        }

        string path = Path.Combine(folder.Root, "state.safetensors");
        MadgNet.Core.Weights.SafetensorsFile.Save(path, interrupted.State());
        interrupted.Dispose();
        using Optimizer resumed = Create(name, before);
        using (MadgNet.Core.Weights.WeightArchive archive = MadgNet.Core.Weights.WeightArchive.Open(path))
        {
            using var scope = NewDisposeScope();
            resumed.LoadState(archive.Names.ToDictionary(name => name, archive.Load));
        }

        Assert.Equal(4, resumed.Steps);
        for (int step = 4; step < 9; step++)
        {
            before.SetGradients(step);
            resumed.Step(Rate);
        }

        AssertSame(whole, before);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Gradients_and_parameters_may_lie_in_memory_in_any_order(string name)
    {
        using var plain = new Trainable();
        using var mixed = new Trainable();
        using Optimizer expected = Create(name, plain);
        using Optimizer optimizer = Create(name, mixed);
        for (int step = 0; step < 6; step++)
        {
            plain.SetGradients(step);
            mixed.SetGradients(step, step is 1 or 2 or 5 ? Turn : step == 4 ? Slice : null);
            if (step is 2 or 5)
            {
                // From the third step on the weights lie the other way, and back at the sixth: state and gradients have to follow.
                using var scope = NewDisposeScope();
                using var noGradients = no_grad();
                foreach ((_, Parameter value) in mixed.Parameters.Where(parameter => parameter.Value.dim() == 4))
                {
                    value.set_(step == 2 ? Turn(value.detach()) : value.detach().contiguous());
                }
            }

            expected.Step(Rate);
            optimizer.Step(Rate);
        }

        AssertSame(plain, mixed);

        // The other order of axes under the same shape.
        static Tensor Turn(Tensor tensor) => tensor.dim() == 4 ? tensor.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) : tensor;

        // Memory with gaps.
        static Tensor Slice(Tensor tensor) => stack([tensor, tensor], -1).select(-1, 0);
    }

    [Fact]
    public void Parameters_whose_memory_has_gaps_are_stepped_too()
    {
        using var scope = NewDisposeScope();
        Tensor values = FixtureRule.Tensor("gaps", [6, 4], -1, 1);
        using var dense = new Parameter(values.clone());
        using var gaps = new Parameter(stack([values, values], -1).select(-1, 0));
        Assert.False(gaps.is_contiguous());
        using Optimizer first = new AdamOptions().Create([new ParameterGroup("a", [("p", dense)], 1, 0)]);
        using Optimizer second = new AdamOptions().Create([new ParameterGroup("a", [("p", gaps)], 1, 0)]);
        for (int step = 0; step < 3; step++)
        {
            dense.grad = FixtureRule.Tensor($"step {step}", [6, 4], -1, 1);
            gaps.grad = dense.grad.clone();
            first.Step(Rate);
            second.Step(Rate);
        }

        Close.Relative(dense, gaps, 1e-6, "weights");
    }

    [Theory]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    public void Half_precision_parameters_are_stepped_by_tensor_operations(ScalarType type)
    {
        using var ours = new Trainable(type);
        using var theirs = new Trainable(type);
        using Optimizer optimizer = new AdamWOptions { Epsilon = 1e-3 }.Create(ours.Groups(0.1));
        using TorchOptimizer oracle = optim.AdamW(
            theirs.Parameters.Select(parameter => parameter.Value), Rate, eps: 1e-3, weight_decay: 0.1);
        for (int step = 0; step < 5; step++)
        {
            ours.SetGradients(step);
            theirs.SetGradients(step);
            optimizer.Step(Rate);
            oracle.step();
        }

        for (int i = 0; i < ours.Parameters.Count; i++)
        {
            Close.Relative(theirs[i], ours[i], 0.02, $"parameter {i}");
        }
    }

    [Fact]
    public void Frozen_parameters_and_those_without_a_gradient_are_left_alone()
    {
        using var trainable = new Trainable();
        using Optimizer optimizer = Create("Adam with decay", trainable);
        trainable.SetGradients(0);
        optimizer.Step(Rate);
        trainable.SetGradients(1);
        trainable[0].requires_grad = false;
        trainable[2].grad = null;
        using Tensor frozen = trainable[0].clone();
        using Tensor idle = trainable[2].detach().clone();
        using Tensor moving = trainable[3].detach().clone();
        optimizer.Step(Rate);
        Bits.Equal(frozen, trainable[0], "frozen");
        Bits.Equal(idle, trainable[2], "without a gradient");
        Assert.NotEqual(moving.bytes.ToArray(), trainable[3].bytes.ToArray());
        using var scope = NewDisposeScope();
        IReadOnlyDictionary<string, Tensor> state = optimizer.State();
        Assert.Equal([1L, 2, 1, 2, 2, 2], Enumerable.Range(0, 6).Select(i => state[$"step/p{i}"].item<long>()));
        Assert.Equal(2, optimizer.Steps);
    }

    [Fact]
    public void A_thawed_parameter_begins_with_its_own_first_step()
    {
        using var ours = new Trainable();
        using var fresh = new Trainable();
        using Optimizer optimizer = Create("Adam", ours);
        using Optimizer late = Create("Adam", fresh);
        ours[2].requires_grad = false;
        ours.SetGradients(0);
        optimizer.Step(Rate);
        Assert.DoesNotContain("exp_avg/p2", optimizer.State().Keys);
        ours[2].requires_grad = true;
        ours.SetGradients(1);
        optimizer.Step(Rate);
        fresh.SetGradients(1);
        late.Step(Rate);
        Bits.Equal(fresh[2], ours[2], "p2");
    }

    [Fact]
    public void Groups_have_their_own_rate_and_decay()
    {
        using var ours = new Trainable();
        using var slow = new Trainable();
        using var decayed = new Trainable();
        using Optimizer optimizer = new AdamWOptions().Create(
            [new ParameterGroup(
                "slow", [ours.Parameters[0], ours.Parameters[2]], 0.1, 0), new ParameterGroup("decayed", [ours.Parameters[3]], 1, 0.5)]);
        using Optimizer first = new AdamWOptions().Create(slow.Groups());
        using Optimizer second = new AdamWOptions().Create(decayed.Groups(0.5));
        for (int step = 0; step < 3; step++)
        {
            ours.SetGradients(step);
            slow.SetGradients(step);
            decayed.SetGradients(step);
            optimizer.Step(Rate);
            first.Step(Rate * 0.1);
            second.Step(Rate);
        }

        Bits.Equal(slow[2], ours[2], "slow");
        Bits.Equal(decayed[3], ours[3], "decayed");
        using var untouched = new Trainable();
        Bits.Equal(untouched[4], ours[4], "in no group");
    }

    [Fact]
    public void Gradients_are_removed()
    {
        using var trainable = new Trainable();
        using Optimizer optimizer = Create("Adam", trainable);
        trainable.SetGradients(0);
        optimizer.ZeroGradients();
        Assert.All(trainable.Parameters, parameter => Assert.Null(parameter.Value.grad));
        using Tensor before = trainable[2].detach().clone();
        optimizer.ZeroGradients();
        optimizer.Step(Rate);
        Bits.Equal(before, trainable[2], "weights");
    }

    [Fact]
    public void A_state_that_does_not_fit_is_refused_whole()
    {
        using var trainable = new Trainable();
        using Optimizer optimizer = Create("Adam", trainable);
        trainable.SetGradients(0);
        optimizer.Step(Rate);
        using var other = new Trainable();
        using Optimizer target = Create("Adam", other);
        other.SetGradients(5);
        target.Step(Rate);
        using var scope = NewDisposeScope();
        Dictionary<string, byte[]> before = Snapshot(target);
        Dictionary<string, Tensor> state = optimizer.State().ToDictionary();
        state.Remove("exp_avg/p3");
        state["exp_avg_sq/p2"] = zeros(2, 2);
        state["step/p1"] = tensor(-3L);
        state["exp_avg/p0"] = state["exp_avg/p0"].to(ScalarType.Float64);
        state["momentum_buffer/p0"] = zeros(3);
        TrainingStateException exception = Assert.Throws<TrainingStateException>(() => target.LoadState(state));
        Assert.Equal(
            ["exp_avg/p0", "exp_avg/p1", "exp_avg/p3", "exp_avg_sq/p1", "exp_avg_sq/p2", "momentum_buffer/p0", "step/p1"],
            exception.Problems.Select(problem => problem.Subject).Order(StringComparer.Ordinal));
        Assert.Equal(before, Snapshot(target));
        Assert.Throws<TrainingStateException>(() => target.LoadState(new Dictionary<string, Tensor>()));
        using Optimizer sgd = Create("SGD of Nesterov", other);
        Assert.Throws<TrainingStateException>(() => sgd.LoadState(optimizer.State()));
        Assert.Throws<ArgumentNullException>(() => target.LoadState(null!));
        target.LoadState(optimizer.State());
        Assert.Equal(Snapshot(optimizer), Snapshot(target));
    }

    [Fact]
    public void Groups_that_make_no_sense_are_refused_with_all_that_is_wrong()
    {
        using var trainable = new Trainable();
        using var counter = new Parameter(zeros([1], ScalarType.Int64), requires_grad: false);
        InvalidOptionsException exception = Assert.Throws<InvalidOptionsException>(() => new AdamOptions().Create(
        [
            new ParameterGroup("a", [trainable.Parameters[0], ("again", trainable[0]), ("p0", trainable[1])], -1, double.NaN),
            new ParameterGroup("b", [("counter", counter), ("none", null!), ("", trainable[2])], 1, 0),
            null!,
        ]));
        Assert.Equal(8, exception.Problems.Count);
        Assert.Throws<InvalidOptionsException>(() => new AdamOptions().Create([]));
        Assert.Throws<ArgumentNullException>(() => new AdamOptions().Create(null!));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_rate_that_is_none_is_refused(double rate)
    {
        using var trainable = new Trainable();
        using Optimizer optimizer = Create("Adam", trainable);
        Assert.Throws<ArgumentOutOfRangeException>(() => optimizer.Step(rate));
        Assert.Equal(0, optimizer.Steps);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void No_tensor_is_left_behind(string name)
    {
        TensorLeak.None(() =>
        {
            using var trainable = new Trainable();
            using Optimizer optimizer = Create(name, trainable);
            trainable.SetGradients(0);
            optimizer.Step(Rate);
            trainable.SetGradients(1, tensor => tensor.dim() == 4 ? tensor.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) : tensor);
            optimizer.Step(Rate);
            optimizer.LoadState(optimizer.State());
            optimizer.Step(Rate);
            Assert.Throws<TrainingStateException>(() => optimizer.LoadState(new Dictionary<string, Tensor>()));
            optimizer.ZeroGradients();
        });
    }

    [Fact]
    public void A_disposed_optimizer_says_so()
    {
        using var trainable = new Trainable();
        Optimizer optimizer = Create("Adam", trainable);
        optimizer.Dispose();
        optimizer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => optimizer.Step(Rate));
        Assert.Throws<ObjectDisposedException>(() => optimizer.State());
        Assert.Equal(3, trainable[0].numel());
    }

    private static Optimizer Create(string name, Trainable trainable) =>
        Pairs[name].Options.Create(trainable.Groups(Pairs[name].Options.WeightDecay));

    private static Dictionary<string, byte[]> Snapshot(Optimizer optimizer) =>
        optimizer.State().ToDictionary(entry => entry.Key, entry => entry.Value.bytes.ToArray());

    private static void AssertSame(Trainable expected, Trainable actual)
    {
        for (int i = 0; i < expected.Parameters.Count; i++)
        {
            Bits.Equal(expected[i], actual[i], $"parameter {i}");
        }
    }

    private static void AssertClose(Trainable expected, Trainable actual, double tolerance, string what)
    {
        using var scope = NewDisposeScope();
        for (int i = 0; i < expected.Parameters.Count; i++)
        {
            Close.Relative(expected[i], actual[i], tolerance, $"parameter {i}, {what}");
        }
    }
}
