using MadgNet.Core.Training.Optimization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using LRScheduler = TorchSharp.torch.optim.lr_scheduler.LRScheduler;

namespace MadgNet.Core.Tests.Training.Optimization;

public class LearningRateScheduleTests
{
    private const double Rate = 0.02;
    private const int Epochs = 12;
    private const int StepsPerEpoch = 5;
    private const int Steps = Epochs * StepsPerEpoch;

    /// <summary>Names of schedules, and whether their oracle is stepped with every step.</summary>
    public static TheoryData<string> Oracles => [.. Pairs.Keys];

    public static TheoryData<string> Kinds => [.. Every.Keys];

    // TorchSharp's schedulers follow PyTorch's; they multiply from step to step where the schedules here have closed forms.
    private static Dictionary<string, (LearningRateSchedule Schedule, bool PerStep,
        Func<optim.Optimizer, LRScheduler> Oracle)> Pairs
    { get; } = new()
    {
        ["constant"] = (new ConstantSchedule(Rate), false, optimizer => optim.lr_scheduler.ConstantLR(optimizer, 1, 1)),
        ["cosine by epochs"] = (new CosineAnnealingSchedule(Rate, 1e-4),
            false,
            optimizer => optim.lr_scheduler.CosineAnnealingLR(optimizer, Epochs, 1e-4)),
        ["cosine by steps"] = (new CosineAnnealingSchedule(Rate, 0, ScheduleUnit.Step),
            true,
            optimizer => optim.lr_scheduler.CosineAnnealingLR(optimizer, Steps, 0)),
        ["polynomial by steps"] = (new PolynomialSchedule(Rate), true, optimizer => optim.lr_scheduler.PolynomialLR(optimizer, Steps, 0.9)),
        ["polynomial by epochs"] = (new PolynomialSchedule(Rate, 2, unit: ScheduleUnit.Epoch),
            false,
            optimizer => optim.lr_scheduler.PolynomialLR(optimizer, Epochs, 2)),
        ["milestones"] = (new MultiStepSchedule(Rate, [3, 7, 8], 0.3),
            false,
            optimizer => optim.lr_scheduler.MultiStepLR(optimizer, new[] { 3, 7, 8 }, 0.3)),
        ["milestones by steps"] = (new MultiStepSchedule(Rate, [1, 44], 0.5, ScheduleUnit.Step),
            true,
            optimizer => optim.lr_scheduler.MultiStepLR(optimizer, new[] { 1, 44 }, 0.5)),
        ["one cycle"] = (new OneCycleSchedule(0.1),
            true,
            optimizer => optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps: Steps, cycle_momentum: false)),
        ["one short cycle"] = (new OneCycleSchedule(0.1, 0.07, 10, 100),
            true,
            optimizer => optim.lr_scheduler.OneCycleLR(
                optimizer, 0.1, total_steps: Steps, pct_start: 0.07, div_factor: 10, final_div_factor: 100, cycle_momentum: false)),
        ["warm-up"] = (new WarmUpSchedule(new ConstantSchedule(Rate), 9, ScheduleUnit.Step, 0.1),
            true,
            optimizer => optim.lr_scheduler.LinearLR(optimizer, 0.1, 1, 9)),
    };

    private static Dictionary<string, Func<LearningRateSchedule>> Every { get; } = new()
    {
        ["constant"] = () => new ConstantSchedule(Rate),
        ["cosine"] = () => new CosineAnnealingSchedule(Rate, 1e-6, ScheduleUnit.Step),
        ["polynomial"] = () => new PolynomialSchedule(Rate),
        ["milestones"] = () => new MultiStepSchedule(Rate, [2, 9]),
        ["one cycle"] = () => new OneCycleSchedule(Rate),
        ["plateau"] = () => new ReduceOnPlateauSchedule(Rate, 0.5, 1, cooldown: 2, minimum: 1e-4),
        ["warm-up of plateau"] = () => new WarmUpSchedule(new ReduceOnPlateauSchedule(Rate, 0.5, 1, minimum: 1e-4), 2),
    };

    [Theory]
    [MemberData(nameof(Oracles))]
    public void Rates_equal_those_of_the_scheduler(string name)
    {
        (LearningRateSchedule schedule, bool perStep, Func<optim.Optimizer, LRScheduler> create) = Pairs[name];
        using var scope = NewDisposeScope();
        using var parameter = new Parameter(zeros(1));
        using optim.Optimizer optimizer = optim.SGD([parameter], Rate);
        LRScheduler oracle = create(optimizer);
        LearningRateRun run = schedule.Start();
        for (int step = 0; step < Steps; step++)
        {
            double expected = optimizer.ParamGroups.First().LearningRate;
            Assert.Equal(expected, run.RateAt(At(step)), 1e-15);
            if (perStep || (step + 1) % StepsPerEpoch == 0)
            {
                oracle.step();
            }
        }
    }

    [Fact]
    public void Plateau_reduces_when_the_scheduler_does()
    {
        using var scope = NewDisposeScope();
        using var parameter = new Parameter(zeros(1));
        using optim.Optimizer optimizer = optim.SGD([parameter], Rate);
        LRScheduler oracle = optim.lr_scheduler.ReduceLROnPlateau(optimizer, "max", 0.5, 2, 1e-2, "rel", 1, [1e-3]);
        LearningRateRun run = new ReduceOnPlateauSchedule(Rate, 0.5, 2, 1e-2, 1, 1e-3).Start();
        double[] scores = [
            0.1,
            0.5,
            0.502,
            0.4,
            0.49,
            0.4,
            0.4,
            0.4,
            0.6,
            0.601,
            0.2,
            0.2,
            0.2,
            0.2,
            0.2,
            0.2,
            0.2,
            0.2,
            0.2,
            0.2,
            0.2,
            0.2,
            0.2,
            0.2,
            0.2,
            0.2
        ];
        var rates = new HashSet<double>();
        foreach (double score in scores)
        {
            oracle.step(score);
            run.Observe(score, At(0));
            rates.Add(run.RateAt(At(0)));
            Assert.Equal(optimizer.ParamGroups.First().LearningRate, run.RateAt(At(0)), 1e-15);
        }

        Assert.True(rates.Count > 4, $"only {rates.Count} different rates: the scores do not try the schedule");
    }

    [Fact]
    public void Plateau_counts_what_is_no_number_as_no_improvement_and_follows_a_loss_downwards()
    {
        LearningRateRun run = new ReduceOnPlateauSchedule(1, 0.1, 1, higherIsBetter: false).Start();
        foreach (double loss in (double[])[3, 2, double.NaN, 1.9, double.NaN])
        {
            run.Observe(loss, At(0));
            Assert.Equal(1, run.RateAt(At(0)));
        }

        run.Observe(double.PositiveInfinity, At(0));
        Assert.Equal(0.1, run.RateAt(At(0)));
    }

    [Fact]
    public void Warm_up_multiplies_the_other_schedule_and_then_leaves_it_alone()
    {
        var cosine = new CosineAnnealingSchedule(Rate, 0);
        LearningRateRun run = new WarmUpSchedule(cosine, 2, ScheduleUnit.Epoch, 0.5).Start();
        Assert.Equal(0.5 * cosine.Start().RateAt(At(0)), run.RateAt(At(0)), 1e-16);
        Assert.Equal(0.75 * cosine.Start().RateAt(At(5)), run.RateAt(At(5)), 1e-16);
        Assert.Equal(cosine.Start().RateAt(At(10)), run.RateAt(At(10)));
        Assert.Equal(cosine.Start().RateAt(At(41)), run.RateAt(At(41)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_resumed_run_goes_on_with_the_same_bits(string name)
    {
        LearningRateRun whole = Every[name]().Start();
        var expected = new List<double>();
        var states = new List<string>();
        for (int step = 0; step < Steps; step++)
        {
            states.Add(whole.SaveState());
            expected.Add(whole.RateAt(At(step)));
            whole.Observe(1.0 / (1 + (step * 7 % 13)), At(step));
        }

        for (int start = 0; start < Steps; start += 7)
        {
            LearningRateRun resumed = Every[name]().Start();
            resumed.LoadState(states[start]);
            for (int step = start; step < Steps; step++)
            {
                Assert.Equal(expected[step], resumed.RateAt(At(step)));
                resumed.Observe(1.0 / (1 + (step * 7 % 13)), At(step));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_state_of_something_else_is_refused_and_changes_nothing(string name)
    {
        LearningRateRun run = Every[name]().Start();
        run.Observe(0.5, At(0));
        string state = run.SaveState();
        foreach (string damaged in (string[])[
            "x",
            "plateau;1;2",
            "plateau;NaN;0;0;0",
            "plateau;5;0;0;0",
            "plateau;0.01;0;-1;0",
            "plateau;0.01;0;0;0;0"
        ])
        {
            Assert.Contains(damaged, Assert.Throws<TrainingStateException>(() => run.LoadState(damaged)).Message, StringComparison.Ordinal);
            Assert.Equal(state, run.SaveState());
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_rate_of_a_run_is_usable_also_beyond_its_end(string name)
    {
        LearningRateRun run = Every[name]().Start();
        for (int step = 0; step < Steps + 10; step++)
        {
            double rate = run.RateAt(At(step));
            Assert.True(double.IsFinite(rate) && rate >= 0 && rate <= Rate * (1 + 1e-12), $"step {step}: {rate}");
        }

        Assert.True(run.RateAt(new TrainingPosition(0, 1, 0, 1, 1)) > 0);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Positions_that_cannot_be_are_refused(string name)
    {
        LearningRateRun run = Every[name]().Start();
        Assert.Throws<ArgumentOutOfRangeException>(() => run.RateAt(default));
        Assert.Throws<ArgumentOutOfRangeException>(() => run.RateAt(new TrainingPosition(-1, 1, 0, 1, 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => run.RateAt(new TrainingPosition(0, 1, 0, 0, 1)));
    }

    [Fact]
    public void Settings_out_of_range_are_refused()
    {
        Action[] wrong =
        [
            () => _ = new ConstantSchedule(0),
            () => _ = new ConstantSchedule(double.NaN),
            () => _ = new PolynomialSchedule(-1),
            () => _ = new PolynomialSchedule(1, 0),
            () => _ = new PolynomialSchedule(1, double.PositiveInfinity),
            () => _ = new PolynomialSchedule(1, 1, 2),
            () => _ = new PolynomialSchedule(1, 1, 0, (ScheduleUnit)7),
            () => _ = new MultiStepSchedule(1, [1], 0),
            () => _ = new MultiStepSchedule(1, [1], 1.1),
            () => _ = new OneCycleSchedule(0),
            () => _ = new OneCycleSchedule(1, 1.1),
            () => _ = new OneCycleSchedule(1, 0.3, 0.5),
            () => _ = new OneCycleSchedule(1, 0.3, 25, double.NaN),
            () => _ = new WarmUpSchedule(new ConstantSchedule(), 0),
            () => _ = new WarmUpSchedule(new ConstantSchedule(), 1, ScheduleUnit.Step, 0),
            () => _ = new WarmUpSchedule(new ConstantSchedule(), 1, ScheduleUnit.Step, 1.5),
            () => _ = new ReduceOnPlateauSchedule(1, 1),
            () => _ = new ReduceOnPlateauSchedule(1, 0),
            () => _ = new ReduceOnPlateauSchedule(1, 0.1, -1),
            () => _ = new ReduceOnPlateauSchedule(1, 0.1, 1, 1),
            () => _ = new ReduceOnPlateauSchedule(1, 0.1, 1, 0, -1),
            () => _ = new ReduceOnPlateauSchedule(1, 0.1, 1, 0, 0, 2),
        ];
        Assert.All(wrong, action => Assert.Throws<ArgumentOutOfRangeException>(action));
        Assert.Throws<ArgumentException>(() => new MultiStepSchedule(1, []));
        Assert.Throws<ArgumentException>(() => new MultiStepSchedule(1, [3, 3]));
        Assert.Throws<ArgumentException>(() => new MultiStepSchedule(1, [0, 3]));
        Assert.Throws<ArgumentNullException>(() => new WarmUpSchedule(null!, 1));
    }

    private static TrainingPosition At(int step) => new(step, Steps, step / StepsPerEpoch, Epochs, StepsPerEpoch);
}
