"""URLs of tickets under /api/v1/."""

from django.urls import path

from tickets.api import attachment_views, plan_views, task_views, views

urlpatterns = [
    path("tickets", views.TicketsView.as_view()),
    path("tickets/<str:number>", views.TicketView.as_view()),
    path("tickets/<str:number>/events", views.EventsView.as_view()),
    path("tickets/<str:number>/submit", views.SubmitView.as_view()),
    path("tickets/<str:number>/resubmit", views.ResubmitView.as_view()),
    path("tickets/<str:number>/withdraw", views.WithdrawView.as_view()),
    path("tickets/<str:number>/remind", views.RemindView.as_view()),
    path("tickets/<str:number>/rate", views.RateView.as_view()),
    path("tickets/<str:number>/comments", views.CommentsView.as_view()),
    path("tickets/<str:number>/watch", views.WatchView.as_view()),
    path("tickets/<str:number>/reassign", views.ReassignView.as_view()),
    path("tickets/<str:number>/plans/<str:node>/machine", plan_views.PlanMachineView.as_view()),
    path("tickets/<str:number>/copy", views.CopyView.as_view()),
    path("tickets/<str:number>/attachments", attachment_views.TicketAttachmentsView.as_view()),
    path("attachments", attachment_views.AttachmentsView.as_view()),
    path("attachments/<str:attachment_id>", attachment_views.AttachmentView.as_view()),
    path("tasks", task_views.TasksView.as_view()),
    path("tasks/bulk", task_views.BulkView.as_view()),
    path("tasks/<int:task_id>/approve", task_views.ApproveView.as_view()),
    path("tasks/<int:task_id>/confirm", task_views.ConfirmView.as_view()),
    path("tasks/<int:task_id>/veto", task_views.VetoView.as_view()),
    path("tasks/<int:task_id>/return", task_views.ReturnView.as_view()),
    path("tasks/<int:task_id>/transfer", task_views.TransferView.as_view()),
    path("tasks/<int:task_id>/add_sign", task_views.AddSignView.as_view()),
    path("tasks/<int:task_id>/remove_sign", task_views.RemoveSignView.as_view()),
]
