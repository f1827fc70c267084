using MadgNet.Core.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Training.Watching;

/// <summary>
/// Finds out where values that are not finite come from, by going through a network once more and looking at what each layer gives.
/// </summary>
internal static class NonFiniteFinder
{
    /// <summary>Where a forward pass over the images turns, in words. Leaves gradients alone; running statistics follow the pass.</summary>
    public static string OfForward(
        SegmentationModel model, Tensor images, TaskMaps targets, IReadOnlyList<string> names, Func<Tensor, SegmentationOutput> forward)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGradients = no_grad();
        for (int i = 0; i < names.Count; i++)
        {
            if (!IsFinite(images.narrow(0, i, 1)))
            {
                return $"the image '{names[i]}' itself holds values that are not finite";
            }

            if (!targets.Given.All(target => IsFinite(target.narrow(0, i, 1))))
            {
                return $"the mask of '{names[i]}' itself holds values that are not finite";
            }
        }

        foreach ((string name, Parameter parameter) in model.named_parameters())
        {
            if (!IsFinite(parameter))
            {
                return $"the weights '{name}' are not finite";
            }
        }

        foreach ((string name, Tensor buffer) in model.named_buffers())
        {
            if (buffer.is_floating_point() && !IsFinite(buffer))
            {
                return $"the statistics '{name}' are not finite";
            }
        }

        string? first = null;
        var removals = new List<Action>();
        try
        {
            foreach ((string name, Module module) in model.named_modules())
            {
                // The parts of a module end before the module itself: the first to end with such values is where they arise.
                Action? remove = module switch
                {
                    Module<Tensor, Tensor> layer => layer.register_forward_hook((_, _, output) => Look(name, output, [output])).remove,
                    Module<Tensor, Tensor, Tensor> stage => stage.register_forward_hook((
                        _, _, _, output) => Look(name, output, [output])).remove,
                    Module<Tensor, TaskMaps> head => head.register_forward_hook((_, _, output) => Look(name, output, output.Given)).remove,
                    _ => null,
                };
                if (remove is not null)
                {
                    removals.Add(remove);
                }
            }

            using SegmentationOutput output = forward(images);
            if (first is not null)
            {
                return $"the first layer whose output is not finite is '{first}'";
            }

            for (int stage = 0; stage < output.Stages.Count; stage++)
            {
                TaskMaps maps = output.Stages[stage];
                if (!maps.Given.All(IsFinite))
                {
                    return $"the output of stage {stage + 1} is not finite, though that of every layer is";
                }
            }

            return "every layer's output is finite: the loss itself overflows";
        }
        finally
        {
            foreach (Action remove in removals)
            {
                remove();
            }
        }

        TOutput Look<TOutput>(string name, TOutput output, IEnumerable<Tensor> tensors)
        {
            if (first is null && !tensors.All(IsFinite))
            {
                first = name;
            }

            return output;
        }
    }

    /// <summary>
    /// The parameters whose gradients are not finite, in words. A backward pass goes from the output to the image: where
    /// they arise is the last of them in the order of the network.
    /// </summary>
    public static string OfGradients(SegmentationModel model)
    {
        using DisposeScope scope = NewDisposeScope();
        var names = new List<string>();
        foreach ((string name, Parameter parameter) in model.named_parameters())
        {
            using Tensor? gradient = parameter.grad;
            if (gradient is not null && !IsFinite(gradient))
            {
                names.Add(name);
            }
        }

        return names.Count == 0
            ? "their sum overflows, though every one is finite"
            : $"{names.Count} parameters have such gradients; the backward pass met '{names[^1]}' first";
    }

    private static bool IsFinite(Tensor tensor)
    {
        using Tensor finite = tensor.isfinite();
        using Tensor all = finite.all();
        return all.item<bool>();
    }
}
