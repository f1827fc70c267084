using MadgNet.Core.Data;
using MadgNet.Core.Losses;
using MadgNet.Core.Models;
using static TorchSharp.torch;

namespace MadgNet.Core.Training;

/// <summary>What every training step begins with: a batch on the model's device, through the network, and its loss.</summary>
internal sealed class ForwardPass
{
    private ForwardPass(Tensor images, TaskMaps targets, DeepSupervisionResult loss)
    {
        Images = images;
        Targets = targets;
        Loss = loss;
        Total = loss.Total.detach().to(ScalarType.Float64).item<double>();
    }

    /// <summary>The images on the device.</summary>
    public Tensor Images { get; }

    /// <summary>The targets on the device.</summary>
    public TaskMaps Targets { get; }

    /// <summary>The loss, with its graph.</summary>
    public DeepSupervisionResult Loss { get; }

    /// <summary>The loss's value, which may be no finite number.</summary>
    public double Total { get; }

    /// <summary>Runs a batch. Its tensors belong to the caller's scope.</summary>
    /// <param name="model">The network, in training mode.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="batch">The batch; it stays the caller's.</param>
    /// <param name="arrange">What is done to the images on the device; null for nothing.</param>
    /// <param name="enter">Enters the precision that the pass runs in; null for the model's own.</param>
    /// <exception cref="TrainingException">The network has other stages than it declares.</exception>
    public static ForwardPass Run(
        SegmentationModel model,
        DeepSupervisionLoss loss,
        Batch batch,
        Func<Tensor, Tensor>? arrange = null,
        Func<IDisposable>? enter = null)
    {
        Device device = model.Device;
        var targets = new TaskMaps(
            batch.Targets.Region.to(device), batch.Targets.Distance?.to(device), batch.Targets.Boundary?.to(device));
        Tensor images = batch.Images.to(device);
        images = arrange?.Invoke(images) ?? images;
        using IDisposable? precision = enter?.Invoke();
        SegmentationOutput output = model.call(images);
        CheckStages(model, output);
        return new ForwardPass(images, targets, loss.Compute(output.Stages, targets, batch.Ignored?.to(device)));
    }

    /// <summary>Holds a network to the stages that it declares: histories have columns for them.</summary>
    private static void CheckStages(SegmentationModel model, SegmentationOutput output)
    {
        if (output.Stages.Count != model.StageCount)
        {
            throw new TrainingException(new Problem(
                $"{model.GetName()}.{nameof(SegmentationModel.StageCount)}",
                $"{model.StageCount}, and an output of {output.Stages.Count} stages",
                "as many stages as the network declares",
                "Override StageCount in the network"));
        }
    }
}
