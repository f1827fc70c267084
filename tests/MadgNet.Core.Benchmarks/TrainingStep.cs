using MadgNet.Core.Data;
using MadgNet.Core.Losses;
using MadgNet.Core.Models;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Precision;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Benchmarks;

/// <summary>The library's training step as its trainer takes it, without the loading of images.</summary>
internal sealed class TrainingStep : IDisposable
{
    private readonly MadgNetModel _model;
    private readonly PrecisionPlan _plan;
    private readonly Optimizer _optimizer;
    private readonly DeepSupervisionLoss _loss = new();
    private readonly Tensor _images;
    private readonly TaskMaps _targets;

    public TrainingStep(Tensor images, TaskMaps targets, TrainingPrecision precision, MemoryLayout layout, MadgNetOptions? options = null)
    {
        _model = new MadgNetModel(options ?? new MadgNetOptions());
        _plan = PrecisionPlan.Choose(precision, layout, CPU);
        _plan.Prepare(_model);
        _images = _plan.Arrange(images).DetachFromDisposeScope();
        _targets = targets;
        var adam = new AdamOptions();
        _optimizer = adam.Create(adam.Group(_model));
    }

    /// <summary>Two images of noise.</summary>
    public static Tensor Images(int batch = 2, int side = 352)
    {
        using var generator = new Generator(1, CPU);
        return rand([batch, 3, side, side], generator: generator);
    }

    /// <summary>Targets with two discs.</summary>
    public static TaskMaps Targets(int batch = 2, int side = 352)
    {
        var mask = new float[batch * side * side];
        for (int i = 0; i < mask.Length; i++)
        {
            (int y, int x) = (i / side % side, i % side);
            bool inside = Math.Pow(y - (side / 3), 2) + Math.Pow(x - (side / 3), 2) < side * side / 40
                || Math.Pow(y - (2 * side / 3), 2) + Math.Pow(x - (side / 2), 2) < side * side / 60;
            mask[i] = inside ? 1 : 0;
        }

        using Tensor region = tensor(mask, [batch, 1, side, side]);
        return SupervisionTargets.FromRegion(region);
    }

    public double Step()
    {
        using DisposeScope scope = NewDisposeScope();
        _optimizer.ZeroGradients();
        MadgNetOutput maps;
        using (_plan.Enter())
        {
            maps = _model.call(_images);
        }

        DeepSupervisionResult loss = _loss.Compute(maps.Stages, _targets);
        loss.Total.backward();
        _optimizer.Step(1e-4);
        return loss.Total.item<float>();
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _images.Dispose();
        _model.Dispose();
    }
}
